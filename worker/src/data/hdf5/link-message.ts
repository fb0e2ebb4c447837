/**
 * Links that stand in a group's object header, one message each.
 * In: a link message. Out: the link, or null where it is no hard one.
 */
import type { Fields } from './fields.js';
import type { Link } from './links.js';

const HARD = 0;

export function readLink(fields: Fields): Link | null {
  fields.expectByte(1, 'a link of version');
  const flags = fields.u8();
  const kind = flags & 0x08 ? fields.u8() : HARD;
  if (flags & 0x04) fields.skip(8); // order of creation
  if (flags & 0x10) fields.skip(1); // character set
  const name = Buffer.from(fields.take(fields.uint(1 << (flags & 3)))).toString('utf8');
  return kind === HARD ? { name, address: fields.addressOfSome() } : null;
}

/** Where links stand that do not stand in the header; null where all do. */
export function readLinkInfo(fields: Fields): { readonly heap: number; readonly names: number } | null {
  fields.expectByte(0, 'link info of version');
  const flags = fields.u8();
  if (flags & 0x01) fields.skip(8); // largest order of creation
  const heap = fields.address();
  return heap === null ? null : { heap, names: fields.addressOfSome() };
}
