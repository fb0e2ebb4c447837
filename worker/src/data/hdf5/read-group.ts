/**
 * What a group holds.
 * In: the messages of its object header. Out: its hard links; null where the object is no group.
 */
import { readDenseLinks } from './dense-links.js';
import { readLink, readLinkInfo } from './link-message.js';
import { type Link, MOST_LINKS, tooManyLinks } from './links.js';
import type { Metadata } from './metadata.js';
import { MESSAGE, type Message } from './object-header.js';
import { readSymbolTable } from './symbol-table.js';

export async function readGroup(
  metadata: Metadata,
  messages: readonly Message[],
): Promise<readonly Link[] | null> {
  const table = messages.find(({ type }) => type === MESSAGE.symbolTable);
  if (table) return readSymbolTable(metadata, table.fields);
  const info = messages.find(({ type }) => type === MESSAGE.linkInfo);
  if (!info) return null;
  const dense = readLinkInfo(info.fields);
  if (dense) return readDenseLinks(metadata, dense);
  const links = messages.filter(({ type }) => type === MESSAGE.link);
  if (links.length > MOST_LINKS) throw tooManyLinks(metadata.file);
  return links.map(({ fields }) => readLink(fields)).filter((link) => link !== null);
}
