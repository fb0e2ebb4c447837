/**
 * One file of a ZIP archive as the archive's directory describes it: where it lies and what it claims to be.
 */

export interface ZipEntry {
  /** Relative, with `/` between parts, no `..` part, no backslash. */
  readonly name: string;
  /** Length of the content, unpacked: a claim, which reading proves. */
  readonly bytes: number;
  /** Length of the content as it lies in the archive. */
  readonly packedBytes: number;
  /** How it is packed: 0 stored, 8 deflate; others are listed, but cannot be read. */
  readonly method: number;
  readonly encrypted: boolean;
  /** Of the unpacked content; 0 where the writer computed none. */
  readonly crc32: number;
  /** Where its local header begins. */
  readonly start: number;
  /** Where the next entry, or the directory, begins: nothing of this entry lies beyond. */
  readonly end: number;
}

export const STORED = 0;
export const DEFLATE = 8;
