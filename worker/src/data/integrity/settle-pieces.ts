/**
 * Reads an object again, piece by piece, until two reads of each piece agree: a link that garbles some answers is
 * outvoted, and only pieces that differ are read a third time.
 * In: what the first read gave, and how to read a range. Out: the same array, each piece as two reads had it; false
 * if some piece came differently each time.
 */
import { createHash } from 'node:crypto';
import { judgePiece } from './check-content.js';

/** Small enough that most pieces come whole, large enough that requests cost little: some 5 ms of digest. */
const PIECE = 4 << 20;
/** Pieces of one object on their way. */
const AT_ONCE = 3;

export async function settlePieces(
  bytes: Uint8Array,
  read: (start: number, into: Uint8Array) => Promise<void>,
): Promise<boolean> {
  let next = 0;
  let settled = true;
  const lane = async () => {
    while (settled && next < bytes.length) {
      const start = next;
      next += PIECE;
      const piece = bytes.subarray(start, next);
      if (!(await settlePiece(piece, (into) => read(start, into)))) settled = false;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return settled;
}

async function settlePiece(piece: Uint8Array, read: (into: Uint8Array) => Promise<void>): Promise<boolean> {
  const seen = [sha256(piece)];
  const again = new Uint8Array(piece.length);
  for (;;) {
    await read(again);
    const latest = sha256(again);
    const verdict = judgePiece(seen, latest);
    if (verdict === 'settled') piece.set(again);
    if (verdict !== 'again') return verdict === 'settled';
    seen.push(latest);
  }
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
