/**
 * Chunks packed by LZF (filter 32000, of h5py): runs of literal bytes and copies of what came before.
 * In: packed bytes, and how many they may give. Out: the bytes. Format: LibLZF's lzf_d.c, by its decoder's behaviour.
 */
import { BYTES_PER_TURN, type Turns } from '../turns.js';

/** Three bytes give at most 264. */
export const LZF_MOST_PER_BYTE = 88;
const LONGEST_STEP = 264;

/** @throws RangeError if there are more than `most` bytes, or if the packed ones end or point before their beginning */
export async function unpackLzf(packed: Uint8Array, most: number, turns: Turns): Promise<Uint8Array> {
  if (most > packed.length * LZF_MOST_PER_BYTE) throw new RangeError('they are too few');
  const out = new Uint8Array(most);
  const state = { read: 0, written: 0 };
  while (state.read < packed.length) {
    const before = state.written;
    unpackSome(packed, out, state);
    await turns.spend(state.written - before);
  }
  return out.subarray(0, state.written);
}

/** Steps until a turn's worth is written or all is read. */
function unpackSome(packed: Uint8Array, out: Uint8Array, state: { read: number; written: number }): void {
  let { read, written } = state;
  const end = written + BYTES_PER_TURN - LONGEST_STEP;
  while (read < packed.length && written < end) {
    const control = packed[read++];
    if (control < 32) {
      const length = control + 1;
      if (read + length > packed.length) throw new RangeError('they end too early');
      if (written + length > out.length) throw new RangeError('they give more bytes');
      for (let i = 0; i < length; i++) out[written++] = packed[read++];
    } else {
      let length = control >> 5;
      if (length === 7) length += packed[read++];
      let from = written - ((control & 0x1f) << 8) - packed[read++] - 1;
      length += 2;
      if (read > packed.length) throw new RangeError('they end too early');
      if (!(from >= 0)) throw new RangeError('they point before their beginning');
      if (written + length > out.length) throw new RangeError('they give more bytes');
      for (let i = 0; i < length; i++) out[written++] = out[from++]; // may run into what it writes: that repeats it
    }
  }
  state.read = read;
  state.written = written;
}
