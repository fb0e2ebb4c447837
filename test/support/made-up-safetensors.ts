/** Safetensors files from their header, whatever it says, and from tensors. */

export function madeUpSafetensors(header: unknown, data: Uint8Array): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

export interface MadeUpArray {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

export function safetensorsOf(arrays: Readonly<Record<string, MadeUpArray>>): Buffer {
  let end = 0;
  const header = Object.entries(arrays).map(([name, { dtype, shape, values }]) => {
    const from = end;
    end += values.length;
    return [name, { dtype, shape, data_offsets: [from, end] }] as const;
  });
  const data = Buffer.concat(Object.values(arrays).map(({ values }) => values));
  return madeUpSafetensors(Object.fromEntries(header), data);
}
