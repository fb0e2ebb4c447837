/**
 * The superblock, with which every HDF5 file begins: versions 0 to 3.
 * In: a byte source. Out: the file's structures, ready to be read, and where its root group lies.
 */
import type { BagFile } from '../bag-file.js';
import type { ByteSource } from '../formats/bag-format.js';
import { expectChecksum } from './checksum.js';
import type { Fields } from './fields.js';
import { hdf5Cut, hdf5Unread, hdf5Wrong } from './hdf5-errors.js';
import { Metadata } from './metadata.js';

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];
/** Version 1 with 8-byte addresses, the longest: 4 bytes more than version 0. */
const LONGEST = 100;
const SHORTEST = 48;

export interface OpenedHdf5 {
  readonly metadata: Metadata;
  /** Address of its object header. */
  readonly root: number;
}

export async function openSuperblock(source: ByteSource, file: BagFile): Promise<OpenedHdf5> {
  const unknown = new Metadata(source, file, { addressBytes: 8, lengthBytes: 8 });
  const fields = await unknown.fields(0, Math.min(LONGEST, source.bytes), 'its superblock');
  refuseOthers(fields);
  if (source.bytes < SHORTEST)
    throw hdf5Cut(file, `it ends after ${source.bytes} bytes, within its superblock`);
  fields.skip(SIGNATURE.length);
  const version = fields.u8();
  if (version > 3) throw hdf5Unread(file, `its superblock has version ${version}; known are 0 to 3`);
  if (version < 2) fields.skip(4);
  const sizes = { addressBytes: fieldBytes(fields), lengthBytes: fieldBytes(fields) };
  const metadata = unknown.withSizes(sizes);
  const rest = await metadata.fields(0, fields.bytes.length, 'its superblock');
  rest.skip(fields.at);
  return { metadata, root: version < 2 ? oldRoot(rest, version, source) : newRoot(rest, source) };
}

function refuseOthers({ bytes, file }: Fields): void {
  if (SIGNATURE.slice(0, bytes.length).some((byte, i) => byte !== bytes[i]))
    throw hdf5Wrong(file, 'it does not begin as an HDF5 file does');
}

function fieldBytes(fields: Fields): number {
  const bytes = fields.u8();
  if (bytes === 4 || bytes === 8) return bytes;
  throw fields.wrong(`has addresses or lengths of ${bytes} bytes; known are 4 and 8`);
}

function oldRoot(fields: Fields, version: number, source: ByteSource): number {
  fields.skip(1 + 2 + 2 + 4); // sizes of nodes, which nodes say for themselves; flags
  if (version === 1) fields.skip(4);
  refuseMoved(fields);
  fields.skip(fields.sizes.addressBytes); // free space
  refuseCut(fields, source);
  fields.skip(2 * fields.sizes.addressBytes); // driver; the root's name
  return fields.addressOfSome();
}

function newRoot(fields: Fields, source: ByteSource): number {
  fields.skip(1); // flags
  refuseMoved(fields);
  fields.skip(fields.sizes.addressBytes); // extension
  refuseCut(fields, source);
  const root = fields.addressOfSome();
  expectChecksum(fields);
  return root;
}

/** Addresses may count from elsewhere than the file's first byte, where something else stands before HDF5. */
function refuseMoved(fields: Fields): void {
  if (fields.address() !== 0) throw hdf5Unread(fields.file, 'its addresses do not count from its first byte');
}

function refuseCut(fields: Fields, source: ByteSource): void {
  const end = fields.addressOfSome();
  if (end > source.bytes)
    throw hdf5Cut(fields.file, `it ends after ${source.bytes} bytes, its superblock says ${end}`);
}
