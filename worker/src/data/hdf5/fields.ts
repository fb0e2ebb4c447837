/**
 * Reads the fields of one structure of an HDF5 file, one after the other, little-endian.
 * In: the structure's bytes. Out: numbers; what does not lie within the structure is an error that names it.
 */
import type { BagFile } from '../bag-file.js';
import { hdf5Wrong } from './hdf5-errors.js';

/** Bytes of an address and of a length, which each file says for itself. */
export interface FieldSizes {
  readonly addressBytes: number;
  readonly lengthBytes: number;
}

export class Fields {
  readonly bytes: Uint8Array;
  /** Of the next field, within `bytes`. */
  at = 0;
  readonly #view: DataView;

  constructor(
    bytes: Uint8Array,
    /** For messages: "its object header". */
    readonly what: string,
    readonly file: BagFile,
    readonly sizes: FieldSizes,
  ) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4), true);
  }

  /** Of 1 to 8 bytes; beyond 2^53 rounded, which is beyond all files. */
  uint(bytes: number): number {
    let value = 0;
    const start = this.#take(bytes);
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + this.bytes[start + i];
    return value;
  }

  length(): number {
    return this.uint(this.sizes.lengthBytes);
  }

  /** null for the address of nothing: all bits set. */
  address(): number | null {
    const { addressBytes } = this.sizes;
    const address = this.uint(addressBytes);
    return address >= 256 ** addressBytes - 1 ? null : address;
  }

  /** The address of something that must be there. */
  addressOfSome(): number {
    const address = this.address();
    if (address === null) throw this.wrong('points at nothing where something must be');
    return address;
  }

  /** A view. */
  take(length: number): Uint8Array {
    const start = this.#take(length);
    return this.bytes.subarray(start, start + length);
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** A structure within this one. */
  part(length: number, what: string): Fields {
    return new Fields(this.take(length), what, this.file, this.sizes);
  }

  expect(signature: string): void {
    if (Buffer.from(this.take(signature.length)).toString('latin1') !== signature)
      throw this.wrong(`does not begin with ${signature}`);
  }

  expectByte(value: number, field: string): void {
    const given = this.u8();
    if (given !== value) throw this.wrong(`has ${field} ${given}, known is ${value}`);
  }

  wrong(message: string): Error {
    return hdf5Wrong(this.file, `${this.what} ${message}`);
  }

  #take(length: number): number {
    if (length > this.left) throw this.wrong('ends too early');
    const start = this.at;
    this.at += length;
    return start;
  }
}
