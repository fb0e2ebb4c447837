/**
 * TFRecord framing: length, its checksum, payload, its checksum; files are frames one after another.
 * In: a payload. Out: its frame. Source: tensorflow/core/lib/io/record_writer.h.
 */

/** Castagnoli's polynomial, bits reversed (RFC 3720, section 12.1). */
const POLYNOMIAL = 0x82f63b78;
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
  return crc;
});

export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Turned by 15 bits and shifted, so that a checksum of data that holds checksums stays sound. */
export function maskedCrc32c(bytes: Uint8Array): number {
  const crc = crc32c(bytes);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

export function frameRecord(payload: Uint8Array): Uint8Array {
  const frame = new Uint8Array(8 + 4 + payload.length + 4);
  const view = new DataView(frame.buffer);
  view.setBigUint64(0, BigInt(payload.length), true);
  view.setUint32(8, maskedCrc32c(frame.subarray(0, 8)), true);
  frame.set(payload, 12);
  view.setUint32(12 + payload.length, maskedCrc32c(payload), true);
  return frame;
}
