/**
 * Whether bytes are an image of a kind that is read, by what they begin and end with: before any decoder sees them.
 */
import { type TileFile, tileCut, tileWrong } from './tile-errors.js';

const PNG_START = Buffer.from('89504e470d0a1a0a', 'hex');
/** The chunk IEND with its checksum; a decoder is done before it and does not miss it. */
const PNG_END = Buffer.from('0000000049454e44ae426082', 'hex');
const JPEG_START = Buffer.from('ffd8ff', 'hex');
const JPEG_END = Buffer.from('ffd9', 'hex');

/** @throws BagfleetError `bag-format` for bytes of another kind, `bag-truncated` for fewer than any image has */
export function refuseOtherKind(start: Uint8Array, file: TileFile): void {
  if (beginsAs(PNG_START, start) || beginsAs(JPEG_START, start)) return;
  const few = start.subarray(0, PNG_START.length);
  if (few.length < PNG_START.length && [PNG_START, JPEG_START].some((kind) => beginsAs(few, kind)))
    throw tileCut(file);
  throw tileWrong(
    file,
    'is neither PNG nor JPEG',
    'Save tiles as .png or .jpg; other kinds of images are not read.',
  );
}

/** The decoders find what is missing before an image's last bytes. */
export function refuseWithoutEnd(image: Uint8Array, file: TileFile): void {
  const end = beginsAs(PNG_START, image) ? PNG_END : JPEG_END;
  if (Buffer.from(image.buffer, image.byteOffset, image.length).lastIndexOf(end) < 0) throw tileCut(file);
}

function beginsAs(kind: Uint8Array, bytes: Uint8Array): boolean {
  return bytes.length >= kind.length && kind.every((byte, i) => bytes[i] === byte);
}
