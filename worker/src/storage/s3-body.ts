/**
 * An answer's body as one array.
 * In: the body's stream and the length that its header promised. Out: exactly so many bytes (aligned at 0).
 */
import type { Readable } from 'node:stream';

/** Throws with `code` 'ECONNRESET' if the connection ends before the last byte. */
export async function readBody(body: Readable, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
  let filled = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (filled + chunk.length > length) throw cutOff(`more than the ${length} bytes announced`);
    bytes.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < length) throw cutOff(`only ${filled} of ${length} bytes arrived`);
  return bytes;
}

function cutOff(message: string): Error {
  return Object.assign(new Error(message), { code: 'ECONNRESET' });
}
