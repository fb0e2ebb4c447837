/**
 * A dataset as a stored array.
 * In: the messages of its object header. Out: a StoredArray; what is not read is refused before any value is.
 */
import { arrayBytes, NUMBER_BYTES, type StoredArray } from '../formats/stored-array.js';
import { gridOf } from './chunks/chunk-grid.js';
import { readChunks } from './chunks/read-chunks.js';
import { type Dataspace, readDataspace } from './dataspace.js';
import { readDatatype } from './datatype.js';
import type { Fields } from './fields.js';
import { readFilters } from './filter-message.js';
import { unpackerOf } from './filters/unpack-chunk.js';
import { hdf5Unread, hdf5Wrong } from './hdf5-errors.js';
import { type ChunkedLayout, type Layout, readLayout } from './layout-message.js';
import { littleEndian } from './little-endian.js';
import type { Metadata } from './metadata.js';
import { MESSAGE, type Message } from './object-header.js';

type Read = (signal?: AbortSignal) => Promise<Uint8Array>;

export function isDataset(messages: readonly Message[]): boolean {
  return messages.some(({ type }) => type === MESSAGE.layout);
}

/** `name` for messages. */
export function openDataset(metadata: Metadata, messages: readonly Message[], name: string): StoredArray {
  const required = (type: number, what: string): Fields => {
    const found = messageOf(messages, type, metadata);
    if (!found) throw hdf5Wrong(metadata.file, `its ${name} has no ${what}`);
    return found;
  };
  refuseExternal(messages, name, metadata);
  const space = readDataspace(required(MESSAGE.dataspace, 'shape'));
  const { type, bigEndian } = readDatatype(required(MESSAGE.datatype, 'type'), name);
  const layout = readLayout(required(MESSAGE.layout, 'layout'));
  const bytes = arrayBytes(type, space.shape);
  const read = readerOf(metadata, messages, { name, space, layout, bytes, valueBytes: NUMBER_BYTES[type] });
  return {
    name,
    type,
    shape: space.shape,
    async read(signal) {
      const values = await read(signal);
      return bigEndian ? littleEndian(values, NUMBER_BYTES[type], signal) : values;
    },
  };
}

interface Described {
  readonly name: string;
  readonly space: Dataspace;
  readonly layout: Layout;
  readonly bytes: number;
  readonly valueBytes: number;
}

function readerOf(metadata: Metadata, messages: readonly Message[], described: Described): Read {
  const { layout } = described;
  if (layout.kind === 'chunked') return chunkedReader(metadata, messages, described, layout);
  const { name, bytes } = described;
  const stored = layout.kind === 'compact' ? layout.values.length : layout.bytes;
  if (bytes === 0) return async () => new Uint8Array(0);
  if (layout.kind === 'contiguous' && layout.address === null)
    throw hdf5Wrong(metadata.file, `the values of its ${name} were never written`);
  if (stored !== bytes)
    throw hdf5Wrong(metadata.file, `its ${name} has ${stored} bytes, its shape wants ${bytes}`);
  if (layout.kind === 'compact') return async () => layout.values;
  const address = layout.address ?? 0;
  if (!metadata.holds(address, bytes))
    throw hdf5Wrong(metadata.file, `its ${name} is said to lie beyond its end`);
  return () => metadata.source.read(address, bytes);
}

function chunkedReader(
  metadata: Metadata,
  messages: readonly Message[],
  { name, space, bytes, valueBytes }: Described,
  layout: ChunkedLayout,
): Read {
  const { file, source } = metadata;
  if (layout.chunk.length !== space.shape.length || layout.valueBytes !== valueBytes)
    throw hdf5Wrong(file, `the chunks of its ${name} do not fit its shape`);
  const grid = gridOf(space, layout);
  const filters = messageOf(messages, MESSAGE.filters, metadata);
  const unpacker = unpackerOf(filters ? readFilters(filters) : [], grid, name, file);
  if (bytes > source.bytes * unpacker.mostPerByte)
    throw hdf5Wrong(
      file,
      `its ${name} claims ${bytes} bytes, more than can be in the file's ${source.bytes}`,
    );
  return (signal) => readChunks(metadata, { name, grid, layout, unpacker }, signal);
}

function messageOf(messages: readonly Message[], type: number, { file }: Metadata): Fields | undefined {
  const message = messages.find((candidate) => candidate.type === type);
  if (message?.shared)
    throw hdf5Unread(file, 'one of its datasets has a named type, or shares its description with others');
  return message?.fields;
}

function refuseExternal(messages: readonly Message[], name: string, { file }: Metadata): void {
  if (messages.some(({ type }) => type === MESSAGE.externalFiles))
    throw hdf5Unread(
      file,
      `the values of its ${name} lie in other files`,
      'Save the values in the file itself.',
    );
}
