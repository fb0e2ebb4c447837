/**
 * The content of one entry of a ZIP archive, unpacked and compared with what the directory says of it.
 */
import { setImmediate as letOthersRun } from 'node:timers/promises';
import { promisify } from 'node:util';
import { crc32, constants as flushes, type InputType, inflateRaw, type ZlibOptions } from 'node:zlib';
import type { BagFile } from '../bag-file.js';
import type { ByteSource } from '../formats/bag-format.js';
import { DEFLATE, STORED, type ZipEntry } from './zip-entry.js';
import { zipWrong } from './zip-errors.js';

const LOCAL_BYTES = 30;
/** Deflate packs at most 258 bytes into two bits: more than this is a lie that we need not unpack. */
const MOST_PER_PACKED_BYTE = 1032;
/** What is summed up before other work of the thread (heartbeats, transfers) gets its turn: 1-2 ms. */
const BYTES_PER_TURN = 4 * 2 ** 20;
/** Room for the tables that stand before the first deflated byte. */
const DEFLATE_HEAD_BYTES = 1024;

const inflate = promisify<InputType, ZlibOptions, Buffer>(inflateRaw);

export async function readEntry(
  source: ByteSource,
  entry: ZipEntry,
  file: BagFile,
  signal: AbortSignal | undefined,
): Promise<Uint8Array> {
  const start = await contentStart(source, entry, file);
  const packed = await source.read(start, entry.packedBytes);
  const content = entry.method === STORED ? packed : await unpack(packed, entry, file);
  if (entry.crc32 !== 0 && (await checksum(content, signal)) !== entry.crc32)
    throw zipWrong(file, `the checksum of its entry ${entry.name} is wrong: bytes have changed`);
  return content;
}

export async function readEntryStart(
  source: ByteSource,
  entry: ZipEntry,
  length: number,
  file: BagFile,
): Promise<Uint8Array> {
  const start = await contentStart(source, entry, file);
  if (entry.method === STORED) return source.read(start, Math.min(length, entry.bytes));
  const packed = await source.read(start, Math.min(length + DEFLATE_HEAD_BYTES, entry.packedBytes));
  const options = {
    finishFlush: flushes.Z_SYNC_FLUSH, // the rest is missing, and that is no error
    maxOutputLength: packed.length * MOST_PER_PACKED_BYTE + 1,
  };
  const unpacked = await inflate(packed, options).catch((cause: unknown) => {
    throw notDeflate(entry, file, cause);
  });
  return unpacked.subarray(0, Math.min(length, entry.bytes));
}

/** Behind the entry's local header, whose extra fields may be longer than those of the directory. */
async function contentStart(source: ByteSource, entry: ZipEntry, file: BagFile): Promise<number> {
  refuseUnread(entry, file);
  const header = await source.read(entry.start, LOCAL_BYTES);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0, true) !== 0x04034b50 || view.getUint16(8, true) !== entry.method)
    throw zipWrong(file, `its entry ${entry.name} does not begin where the directory says`);
  const start = entry.start + LOCAL_BYTES + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + entry.packedBytes > entry.end)
    throw zipWrong(file, `its entry ${entry.name} reaches into what comes after it`);
  return start;
}

function refuseUnread({ name, method, encrypted, bytes, packedBytes }: ZipEntry, file: BagFile): void {
  if (encrypted) throw zipWrong(file, `its entry ${name} is encrypted`, 'Pack it without a password.');
  if (method !== STORED && method !== DEFLATE)
    throw zipWrong(
      file,
      `its entry ${name} is packed by method ${method}; known are 0 (stored) and 8 (deflate)`,
      'Pack it again with plain ZIP compression.',
    );
  const most = method === STORED ? packedBytes : packedBytes * MOST_PER_PACKED_BYTE;
  if (bytes > most || (method === STORED && bytes < packedBytes))
    throw zipWrong(file, `its entry ${name} claims ${bytes} bytes from ${packedBytes}, which cannot be`);
}

async function unpack(packed: Uint8Array, entry: ZipEntry, file: BagFile): Promise<Uint8Array> {
  const options = { maxOutputLength: Math.max(1, entry.bytes), chunkSize: chunkFor(entry.bytes) };
  const content = await inflate(packed, options).catch((cause: unknown) => {
    if (cause instanceof RangeError) throw notAsLong(entry, 'more', file);
    throw notDeflate(entry, file, cause);
  });
  if (content.length !== entry.bytes) throw notAsLong(entry, `${content.length}`, file);
  return content;
}

/** Few, large pieces for large entries; small ones do not take more than they need. */
function chunkFor(bytes: number): number {
  return Math.min(2 ** 20, Math.max(64, bytes));
}

async function checksum(content: Uint8Array, signal: AbortSignal | undefined): Promise<number> {
  let sum = 0;
  for (let at = 0; at < content.length; at += BYTES_PER_TURN) {
    if (at > 0) await letOthersRun(undefined, signal ? { signal } : {});
    sum = crc32(content.subarray(at, at + BYTES_PER_TURN), sum);
  }
  return sum;
}

function notDeflate({ name }: ZipEntry, file: BagFile, cause: unknown) {
  const why = cause instanceof Error ? cause.message : String(cause);
  return zipWrong(file, `its entry ${name} cannot be unpacked: ${why}`);
}

function notAsLong({ name, bytes }: ZipEntry, given: string, file: BagFile) {
  return zipWrong(file, `its entry ${name} unpacks to ${given} bytes, the directory says ${bytes}`);
}
