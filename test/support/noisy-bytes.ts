/** The same damage in every run: copies of a file with bytes changed, by a seed. */

/** `runs` copies with one to four bytes replaced, one in three cut as well. */
export function* noisyCopies(whole: Uint8Array, runs: number, seed = 1): Generator<Uint8Array> {
  const random = randomFrom(seed);
  for (let run = 0; run < runs; run++) {
    const bytes = whole.slice();
    for (let changes = random() % 4; changes >= 0; changes--)
      bytes[random() % bytes.length] = random() % 3 === 0 ? 0xff : random() % 256;
    yield random() % 3 === 0 ? bytes.subarray(0, random() % bytes.length) : bytes;
  }
}

/** xorshift32: whole numbers from 0 below 2^32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}
