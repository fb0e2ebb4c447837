/**
 * The checksum of HDF5's newer structures: Bob Jenkins' lookup3 (hashlittle, initial value 0).
 * https://burtleburtle.net/bob/c/lookup3.c
 */
import type { Fields } from './fields.js';

export function lookup3(bytes: Uint8Array): number {
  let a = (0xdeadbeef + bytes.length) | 0;
  let b = a;
  let c = a;
  let at = 0;
  for (; bytes.length - at > 12; at += 12) {
    a = (a + word(bytes, at)) | 0;
    b = (b + word(bytes, at + 4)) | 0;
    c = (c + word(bytes, at + 8)) | 0;
    a = (a - c) ^ turned(c, 4);
    c = (c + b) | 0;
    b = (b - a) ^ turned(a, 6);
    a = (a + c) | 0;
    c = (c - b) ^ turned(b, 8);
    b = (b + a) | 0;
    a = (a - c) ^ turned(c, 16);
    c = (c + b) | 0;
    b = (b - a) ^ turned(a, 19);
    a = (a + c) | 0;
    c = (c - b) ^ turned(b, 4);
    b = (b + a) | 0;
  }
  if (at === bytes.length) return c >>> 0;
  a = (a + word(bytes, at)) | 0;
  b = (b + word(bytes, at + 4)) | 0;
  c = (c + word(bytes, at + 8)) | 0;
  c = ((c ^ b) - turned(b, 14)) | 0;
  a = ((a ^ c) - turned(c, 11)) | 0;
  b = ((b ^ a) - turned(a, 25)) | 0;
  c = ((c ^ b) - turned(b, 16)) | 0;
  a = ((a ^ c) - turned(c, 4)) | 0;
  b = ((b ^ a) - turned(a, 14)) | 0;
  c = ((c ^ b) - turned(b, 24)) | 0;
  return c >>> 0;
}

/** Reads the four bytes that come next as the checksum of all of the structure before them. */
export function expectChecksum(fields: Fields): void {
  const { bytes, at } = fields;
  const stored = fields.u32();
  if (lookup3(bytes.subarray(0, at)) !== stored)
    throw fields.wrong('has a wrong checksum: bytes have changed');
}

/** Zeros beyond the end. */
function word(bytes: Uint8Array, at: number): number {
  const [first = 0, second = 0, third = 0, fourth = 0] = [
    bytes[at],
    bytes[at + 1],
    bytes[at + 2],
    bytes[at + 3],
  ];
  return first | (second << 8) | (third << 16) | (fourth << 24);
}

function turned(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
