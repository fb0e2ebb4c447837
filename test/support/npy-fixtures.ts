/** The fixtures of .npy: what NumPy wrote, and what it says is in them, in the form of the other formats' fixtures. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { FormatFile } from './bag-format-contract.js';

const FIXTURES = new URL('../fixtures/npy/', import.meta.url);
const { files } = JSON.parse(readFileSync(new URL('expected.json', FIXTURES), 'utf8')) as {
  files: Record<string, { shape: number[]; float32: number[] }>;
};

/** Any file of the folder, without its ending. */
export const npyFixture = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.npy`, FIXTURES)));

/** Those that are bags. */
export const npyBags: readonly FormatFile[] = [
  bag('f4_v1', 'float32'),
  bag('f4_v2', 'float32'),
  bag('f8', 'float32'),
  bag('f2', 'float16'),
  bag('u1_tiles', 'uint8'),
];

/** float32 and uint8 by what NumPy says they are; halves are the bytes at the end of their file. */
function bag(name: string, type: FormatFile['expected']['type']): FormatFile {
  const { shape, float32 } = files[name];
  const values = {
    float32: () => new Uint8Array(Float32Array.from(float32).buffer),
    uint8: () => Uint8Array.from(float32),
    float16: () => npyFixture(name).subarray(-2 * float32.length),
    bfloat16: () => assert.fail('NumPy has no such type'),
  };
  const features = Buffer.from(values[type]()).toString('base64');
  const expected = { type, shape, features, coords: null, instanceLabels: null, edges: null };
  return { name, bytes: npyFixture(name), expected };
}
