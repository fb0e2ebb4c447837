/**
 * Who differs from the others. In: digests. Out: the places of those that are not with the majority; all of them,
 * and `certain` false, if there is none.
 */
export interface OddOnes {
  readonly places: readonly number[];
  readonly certain: boolean;
}

export function oddOnes(digests: readonly string[]): OddOnes {
  const counts = new Map<string, number>();
  for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  const [most, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  const all = digests.map((_, place) => place);
  if (count === digests.length) return { places: [], certain: true };
  return count * 2 > digests.length
    ? { places: all.filter((place) => digests[place] !== most), certain: true }
    : { places: all, certain: false };
}
