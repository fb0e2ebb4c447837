/**
 * HDF5 files from arrays, as h5py writes them with its defaults: superblock 0, groups by symbol tables, contiguous
 * data. In: the root's arrays by name, little-endian. Out: the file's bytes.
 * Format: https://docs.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html
 */

/** Class and its bits, bytes of one number, and the properties that follow: [bit offset, precision, …]. */
const TYPES = {
  bool: { bytes: 1, message: enumOfBool() },
  uint8: { bytes: 1, message: integer(1, false) },
  int8: { bytes: 1, message: integer(1, true) },
  int16: { bytes: 2, message: integer(2, true) },
  int32: { bytes: 4, message: integer(4, true) },
  int64: { bytes: 8, message: integer(8, true) },
  float16: { bytes: 2, message: float(2, 5, 10) },
  float32: { bytes: 4, message: float(4, 8, 23) },
  float64: { bytes: 8, message: float(8, 11, 52) },
} as const;

export interface MadeUpDataset {
  readonly type: keyof typeof TYPES;
  readonly shape: readonly number[];
  /** Row-major: as many as the shape says. */
  readonly values: Uint8Array;
}

const UNDEFINED = 2n ** 64n - 1n;
const SUPERBLOCK_BYTES = 96;
/** Halves of the most entries that a symbol node and a B-tree node hold. */
const [LEAF_K, INTERNAL_K] = [16, 16];
const NODE_BYTES = 8 + 2 * LEAF_K * 40;
const TREE_BYTES = 24 + 2 * INTERNAL_K * 16 + 8;

/** A bag: `features` [N, D], and `coords` [N, 2] on a grid of 256 pixels, as CLAM and TRIDENT write them. */
export function madeUpHdf5Bag(features: MadeUpDataset): Buffer {
  const instances = features.shape[0];
  const coords = new BigInt64Array(instances * 2); // [N, 2]
  for (let i = 0; i < instances; i++) {
    coords[2 * i] = BigInt(256 * (i % 100));
    coords[2 * i + 1] = BigInt(256 * Math.floor(i / 100));
  }
  const values = new Uint8Array(coords.buffer);
  return madeUpHdf5({ features, coords: { type: 'int64', shape: [instances, 2], values } });
}

/** At most 32 arrays. */
export function madeUpHdf5(datasets: Readonly<Record<string, MadeUpDataset>>): Buffer {
  const names = Object.keys(datasets).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  if (names.length > 2 * LEAF_K) throw new RangeError(`${names.length} arrays do not fit one node`);
  const heap = heapOf(names);
  const rootAt = SUPERBLOCK_BYTES;
  const treeAt = rootAt + objectHeader([message(0x11, [0n, 0n])]).length;
  const nodeAt = treeAt + TREE_BYTES;
  const heapAt = nodeAt + NODE_BYTES;
  const headersAt = heapAt + 32 + heap.data.length;
  const placed = place(
    names.map((name) => datasets[name]),
    headersAt,
  );
  return Buffer.concat([
    superblock(rootAt, treeAt, heapAt, placed.end),
    objectHeader([message(0x11, [BigInt(treeAt), BigInt(heapAt)])]),
    treeOf(nodeAt, heap.offsets[names.length - 1] ?? 0, names.length > 0),
    nodeOf(heap.offsets, placed.headers),
    fields('HEAP', [0], BigInt(heap.data.length), 1n, BigInt(heapAt + 32)),
    heap.data,
    ...placed.pieces,
  ]);
}

function superblock(rootAt: number, treeAt: number, heapAt: number, end: number): Buffer {
  const signature = Buffer.from([0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8, 0]);
  const nodes = Buffer.from([LEAF_K, 0, INTERNAL_K, 0, 0, 0, 0, 0]);
  const addresses = words(0n, UNDEFINED, BigInt(end), UNDEFINED);
  const root = words(0n, BigInt(rootAt), 1n, BigInt(treeAt), BigInt(heapAt));
  return Buffer.concat([signature, nodes, addresses, root]);
}

/** One leaf of the group's B-tree, with one child or none. */
function treeOf(nodeAt: number, lastName: number, full: boolean): Buffer {
  const tree = Buffer.alloc(TREE_BYTES);
  fields('TREE', [0, 0, full ? 1 : 0], UNDEFINED, UNDEFINED).copy(tree);
  if (full) words(0n, BigInt(nodeAt), BigInt(lastName)).copy(tree, 24);
  return tree;
}

function nodeOf(names: readonly number[], headers: readonly number[]): Buffer {
  const node = Buffer.alloc(NODE_BYTES);
  fields('SNOD', [1, 0, names.length]).copy(node);
  for (const [i, name] of names.entries())
    words(BigInt(name), BigInt(headers[i]), 0n, 0n, 0n).copy(node, 8 + 40 * i);
  return node;
}

/** All names, each ended by a zero; the first is empty. */
function heapOf(names: readonly string[]): { data: Buffer; offsets: number[] } {
  const pieces = [Buffer.alloc(8), ...names.map((name) => padded(Buffer.from(`${name}\0`)))];
  const offsets = pieces.map((_, i) => Buffer.concat(pieces.slice(0, i)).length);
  return { data: Buffer.concat(pieces), offsets: offsets.slice(1) };
}

/** Headers one after the other, then the values. */
function place(datasets: readonly MadeUpDataset[], headersAt: number) {
  const sizes = datasets.map((dataset) => datasetHeader(dataset, 0).length);
  const headers = sizes.map((_, i) => headersAt + sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  let end = headersAt + sizes.reduce((sum, size) => sum + size, 0);
  const pieces: Buffer[] = [];
  const values: Uint8Array[] = [];
  for (const dataset of datasets) {
    const { type, shape } = dataset;
    const bytes = shape.reduce((product, size) => product * size, TYPES[type].bytes);
    if (dataset.values.length !== bytes)
      throw new RangeError(`${dataset.values.length} bytes for ${type} of (${shape.join(', ')})`);
    pieces.push(datasetHeader(dataset, end));
    values.push(dataset.values, Buffer.alloc(-bytes & 7));
    end += Math.ceil(bytes / 8) * 8;
  }
  return { headers, pieces: [...pieces, ...values], end };
}

function datasetHeader({ type, shape, values }: MadeUpDataset, dataAt: number): Buffer {
  const space = Buffer.concat([
    Buffer.from([1, shape.length, 0, 0, 0, 0, 0, 0]),
    words(...shape.map(BigInt)),
  ]);
  const address = values.length === 0 ? UNDEFINED : BigInt(dataAt);
  return objectHeader([
    message(1, space),
    message(3, TYPES[type].message),
    message(5, Buffer.from([2, 2, 2, 1, 0, 0, 0, 0])), // fill value: zeros
    message(8, Buffer.concat([Buffer.from([3, 1]), words(address, BigInt(values.length))])),
  ]);
}

/** Version 1. */
function objectHeader(messages: readonly Buffer[]): Buffer {
  const body = Buffer.concat(messages);
  const prefix = Buffer.alloc(16);
  prefix[0] = 1;
  prefix.writeUInt16LE(messages.length, 2);
  prefix.writeUInt32LE(1, 4);
  prefix.writeUInt32LE(body.length, 8);
  return Buffer.concat([prefix, body]);
}

function message(type: number, content: Buffer | readonly bigint[]): Buffer {
  const body = padded(Buffer.isBuffer(content) ? content : words(...content));
  const head = Buffer.alloc(8);
  head.writeUInt16LE(type, 0);
  head.writeUInt16LE(body.length, 2);
  return Buffer.concat([head, body]);
}

function integer(bytes: number, signed: boolean): Buffer {
  return Buffer.from([0x10, signed ? 8 : 0, 0, 0, bytes, 0, 0, 0, 0, 0, bytes * 8, 0]);
}

/** IEEE 754 binary: sign, exponent, mantissa. */
function float(bytes: number, exponent: number, mantissa: number): Buffer {
  const head = [
    0x11,
    0x20,
    bytes * 8 - 1,
    0,
    bytes,
    0,
    0,
    0,
    0,
    0,
    bytes * 8,
    0,
    mantissa,
    exponent,
    0,
    mantissa,
  ];
  const bias = Buffer.alloc(4);
  bias.writeUInt32LE(2 ** (exponent - 1) - 1);
  return Buffer.concat([Buffer.from(head), bias]);
}

/** As h5py stores NumPy's bool: an enumeration of int8. */
function enumOfBool(): Buffer {
  const names = Buffer.from('FALSE\0\0\0TRUE\0\0\0\0', 'latin1');
  return Buffer.concat([
    Buffer.from([0x18, 2, 0, 0, 1, 0, 0, 0]),
    integer(1, true),
    names,
    Buffer.from([0, 1]),
  ]);
}

/** A signature, up to four bytes (the third and fourth a number), 64-bit words. */
function fields(signature: string, [a = 0, b = 0, count = 0]: readonly number[], ...rest: bigint[]): Buffer {
  const head = Buffer.from([a, b, count & 0xff, count >> 8]);
  return Buffer.concat([Buffer.from(signature, 'latin1'), head, words(...rest)]);
}

function words(...values: readonly bigint[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(value, 8 * i);
  return bytes;
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 7)]);
}
