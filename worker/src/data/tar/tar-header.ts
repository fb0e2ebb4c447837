/**
 * One header block of a tar archive (POSIX ustar, and as GNU tar and older ones write it).
 * In: its 512 bytes. Out: name, kind and size as they stand there, the checksum proven.
 */
import type { BagFile } from '../bag-file.js';
import { tarWrong } from './tar-errors.js';

export const BLOCK_BYTES = 512;

export interface TarHeader {
  /** At most 255 bytes; longer ones stand in a block before this one. */
  readonly name: string;
  /** One character: `0` file, `5` folder, `x` what pax says of the next entry, and more. */
  readonly kind: string;
  readonly bytes: number;
}

/** @throws BagfleetError `bag-format` where the checksum or the size is none */
export function readTarHeader(block: Uint8Array, at: number, file: BagFile): TarHeader {
  const claimed = octal(block.subarray(148, 156));
  if (claimed !== checksum(block))
    throw tarWrong(file, `there is no tar header after ${at} bytes, where one should be`);
  const bytes = octal(block.subarray(124, 136));
  if (bytes === null) throw tarWrong(file, `the size in its tar header after ${at} bytes is no number`);
  const kind = block[156] === 0 ? '0' : String.fromCharCode(block[156]);
  const isPosix = Buffer.from(block.subarray(257, 263)).toString('latin1') === 'ustar\0';
  const prefix = isPosix ? text(block.subarray(345, 500)) : ''; // GNU tar keeps other things there
  const name = text(block.subarray(0, 100));
  return { name: prefix === '' ? name : `${prefix}/${name}`, kind, bytes };
}

/** Digits between spaces and zeros; null for anything else, so also for the base-256 sizes of files beyond 8 GiB. */
function octal(field: Uint8Array): number | null {
  const digits = /^ *([0-7]+)[ \0]*$/.exec(Buffer.from(field).toString('latin1'));
  return digits && Number.parseInt(digits[1], 8);
}

/** The sum of the block's bytes, those of the checksum itself taken as spaces. */
function checksum(block: Uint8Array): number {
  return block.reduce((sum, byte, i) => sum + (i >= 148 && i < 156 ? 0x20 : byte), 0);
}

/** Up to the first zero byte. */
function text(field: Uint8Array): string {
  const end = field.indexOf(0);
  return Buffer.from(end < 0 ? field : field.subarray(0, end)).toString('utf8');
}
