/**
 * Object headers: what HDF5 writes of a group or dataset, as a list of messages. Versions 1 and 2.
 * In: the header's address. Out: its messages, those of its continuation blocks among them.
 */
import { expectChecksum } from './checksum.js';
import type { Fields } from './fields.js';
import type { Metadata } from './metadata.js';

/** Those that are looked at. */
export const MESSAGE = {
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  link: 0x06,
  externalFiles: 0x07,
  layout: 0x08,
  filters: 0x0b,
  continuation: 0x10,
  symbolTable: 0x11,
} as const;

export interface Message {
  readonly type: number;
  /** It stands elsewhere, and here only a reference to it. */
  readonly shared: boolean;
  readonly fields: Fields;
}

interface Block {
  readonly address: number;
  readonly bytes: number;
}

interface Form {
  readonly version: 1 | 2;
  /** Messages of version 2 may carry the order of their creation. */
  readonly ordered: boolean;
}

const WHAT = 'one of its object headers';
const MOST_BLOCKS = 256;
const MOST_BYTES = 2 * 2 ** 20;
const KEPT: ReadonlySet<number> = new Set(Object.values(MESSAGE));

export async function readMessages(metadata: Metadata, address: number): Promise<readonly Message[]> {
  const messages: Message[] = [];
  const seen = new Set<number>();
  const { form, first } = await readPrefix(metadata, address);
  const blocks: Block[] = [];
  let [bytes, read] = [0, 0];
  for (let fields: Fields | undefined = first; fields; ) {
    bytes += fields.left;
    if (read++ > MOST_BLOCKS || bytes > MOST_BYTES) throw fields.wrong('has more parts than any bag');
    const found = messagesOf(fields, form);
    for (const message of found)
      if (message.type === MESSAGE.link || !seen.has(message.type)) {
        seen.add(message.type); // of links there are many, of all others the first counts
        messages.push(message);
      }
    blocks.push(...found.filter(({ type }) => type === MESSAGE.continuation).map(continuationOf));
    const next = blocks.shift();
    fields = next && (await readBlock(metadata, next, form));
  }
  return messages;
}

async function readPrefix(metadata: Metadata, address: number): Promise<{ form: Form; first: Fields }> {
  const start = await metadata.fields(address, 16, WHAT);
  if (start.bytes[0] === 0x4f) return readNewPrefix(metadata, address); // "OHDR"
  start.expectByte(1, 'version');
  start.skip(1 + 2 + 4); // number of messages, which their bytes tell as well; references
  const first = await metadata.fields(address + 16, start.u32(), WHAT);
  return { form: { version: 1, ordered: false }, first };
}

async function readNewPrefix(metadata: Metadata, address: number): Promise<{ form: Form; first: Fields }> {
  const longest = 4 + 1 + 1 + 16 + 4 + 8;
  const left = metadata.source.bytes - address;
  const prefix = await metadata.fields(address, Math.min(longest, left), WHAT);
  prefix.expect('OHDR');
  prefix.expectByte(2, 'version');
  const flags = prefix.u8();
  if (flags & 0x20) prefix.skip(16); // times
  if (flags & 0x10) prefix.skip(4); // how attributes are kept
  const messages = prefix.uint(1 << (flags & 3));
  const start = prefix.at;
  const whole = await metadata.fields(address, start + messages + 4, WHAT);
  return { form: { version: 2, ordered: (flags & 4) !== 0 }, first: checked(whole, start) };
}

async function readBlock(metadata: Metadata, { address, bytes }: Block, { version }: Form): Promise<Fields> {
  const block = await metadata.fields(address, bytes, WHAT);
  if (version === 1) return block;
  block.expect('OCHK');
  return checked(block, 4);
}

/** What lies between `start` and the checksum at the end. */
function checked(whole: Fields, start: number): Fields {
  if (whole.bytes.length < start + 4) throw whole.wrong('ends too early');
  whole.at = whole.bytes.length - 4;
  expectChecksum(whole);
  whole.at = start;
  return whole.part(whole.bytes.length - 4 - start, WHAT);
}

function messagesOf(fields: Fields, { version, ordered }: Form): Message[] {
  const messages: Message[] = [];
  const headBytes = version === 1 ? 8 : ordered ? 6 : 4;
  while (fields.left >= headBytes) {
    const type = version === 1 ? fields.u16() : fields.u8();
    const bytes = fields.u16();
    const flags = fields.u8();
    fields.skip(headBytes - (version === 1 ? 5 : 4));
    const content = fields.part(bytes, WHAT);
    if (KEPT.has(type)) messages.push({ type, shared: (flags & 2) !== 0, fields: content });
  }
  return messages;
}

function continuationOf({ fields }: Message): Block {
  return { address: fields.addressOfSome(), bytes: fields.length() };
}
