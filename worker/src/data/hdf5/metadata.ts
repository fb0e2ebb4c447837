/**
 * The structures of an HDF5 file, read by few requests: they are small and lie near each other, so that a request
 * brings their neighbours along.
 * In: a byte source. Out: the bytes at an address, never beyond the file.
 */
import type { BagFile } from '../bag-file.js';
import type { ByteSource } from '../formats/bag-format.js';
import { type FieldSizes, Fields } from './fields.js';
import { hdf5Wrong } from './hdf5-errors.js';

/** Holds the structures of nearly all files, but for lists of chunks. */
const FIRST_BYTES = 65_536;
const NEXT_BYTES = 16_384;
const MOST_PIECES = 8;
/** A bag's take some thousand. */
const MOST_BYTES = 8 * 2 ** 20;
const READ_COST = 32;

interface Piece {
  readonly start: number;
  readonly bytes: Uint8Array;
}

export class Metadata {
  #pieces: Piece[] = [];

  constructor(
    readonly source: ByteSource,
    readonly file: BagFile,
    readonly sizes: FieldSizes,
    /** What a request brings at least. */
    private readonly aheadBytes = NEXT_BYTES,
    /** What all structures may take together: some may refer to each other again and again. */
    private bytesLeft = MOST_BYTES,
  ) {}

  /** @throws BagfleetError `bag-format` where that reaches beyond the file; `what` names the structure */
  async fields(address: number, length: number, what: string): Promise<Fields> {
    if (!this.holds(address, length)) throw hdf5Wrong(this.file, `${what} is said to lie beyond its end`);
    this.bytesLeft -= length + READ_COST;
    if (this.bytesLeft < 0) throw hdf5Wrong(this.file, `${what} refers to more than any bag has`);
    return new Fields(await this.#bytes(address, length), what, this.file, this.sizes);
  }

  holds(address: number, length: number): boolean {
    return Number.isSafeInteger(address + length) && address + length <= this.source.bytes;
  }

  /** The same file, once it is known how long its addresses are. */
  withSizes(sizes: FieldSizes): Metadata {
    const metadata = new Metadata(this.source, this.file, sizes);
    metadata.#pieces = this.#pieces;
    return metadata;
  }

  /**
   * The same file, with requests of at least so many bytes: for structures that lie among what is wanted as well, and
   * are the more the longer the file is.
   */
  ahead(bytes: number): Metadata {
    return new Metadata(this.source, this.file, this.sizes, bytes, MOST_BYTES + 4 * this.source.bytes);
  }

  async #bytes(address: number, length: number): Promise<Uint8Array> {
    const held = this.#pieces.find(
      ({ start, bytes }) => start <= address && address + length <= start + bytes.length,
    );
    const piece = held ?? (await this.#fetch(address, length));
    return piece.bytes.subarray(address - piece.start, address - piece.start + length);
  }

  /** From a multiple of the bytes that a request brings: so neighbours on both sides come along. */
  async #fetch(address: number, length: number): Promise<Piece> {
    const start = address - (address % this.aheadBytes);
    const wanted = Math.max(this.aheadBytes, address + length - start, start === 0 ? FIRST_BYTES : 0);
    const bytes = await this.source.read(start, Math.min(wanted, this.source.bytes - start));
    const piece = { start, bytes };
    this.#pieces = [piece, ...this.#pieces].slice(0, MOST_PIECES);
    return piece;
  }
}
