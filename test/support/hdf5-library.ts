/** HDF5's own library, as WebAssembly: writes files of any form, and reads those that we write. */
import assert from 'node:assert/strict';
import h5wasm, { type Dataset, FS, type LIBVER_BOUND } from 'h5wasm';

/** As the library calls them, with the arrays that it takes; and as we do. */
export const TYPES = {
  float32: ['<f', Float32Array],
  float64: ['<d', Float64Array],
  uint8: ['<B', Uint8Array],
  int16: ['<h', Int16Array],
  int32: ['<i', Int32Array],
  int64: ['<q', BigInt64Array],
} as const;
export interface LibraryFile {
  readonly libver: LIBVER_BOUND;
  readonly type: keyof typeof TYPES;
  readonly shape: readonly number[];
  /** null: not in chunks. */
  readonly chunks: readonly number[] | null;
  readonly room: readonly (number | null)[];
  readonly filter: { readonly compression: number; readonly compression_opts: number[] } | null;
  readonly values: Uint8Array;
  /** Other datasets beside it. */
  readonly others: number;
}

export async function libraryIsReady(): Promise<void> {
  await h5wasm.ready;
}

/** The library keeps its files in memory of its own. */
const PATH = 'twin.h5';

/** A file with the dataset `features`, and others. */
export function writtenByLibrary({
  libver,
  type,
  shape,
  chunks,
  room,
  filter,
  values,
  others,
}: LibraryFile): Uint8Array {
  const file = new h5wasm.File(PATH, 'w', { libver: [libver, 'latest'] });
  const [dtype, Values] = TYPES[type];
  const chunked = chunks && { chunks: [...chunks], maxshape: [...room], ...filter };
  const data = new Values(Uint8Array.from(values).buffer);
  for (let i = 0; i < others; i++)
    file.create_dataset({ name: `other_${i}`, data: Int8Array.of(i), shape: [1] });
  file.create_dataset({ name: 'features', data, shape: [...shape], dtype, ...chunked });
  file.close();
  return filesOfLibrary().readFile(PATH);
}

export function inLibrary(bytes: Uint8Array, use: (read: (name: string) => Dataset) => void): void {
  filesOfLibrary().writeFile(PATH, bytes);
  const file = new h5wasm.File(PATH, 'r');
  try {
    use((name) => {
      const found = file.get(name);
      assert.ok(found instanceof h5wasm.Dataset, `${name} is a dataset`);
      return found;
    });
  } finally {
    file.close();
  }
}

function filesOfLibrary(): NonNullable<typeof FS> {
  assert.ok(FS, 'is there once the library is ready');
  return FS;
}
