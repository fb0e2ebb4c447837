/**
 * Who differs from the others. In: a digest per rank. Out: the ranks that are not with the majority; all of them,
 * and `certain` false, if there is none.
 */
export interface OddOnes {
  readonly ranks: readonly number[];
  readonly certain: boolean;
}

export function oddOnes(digests: readonly string[]): OddOnes {
  const counts = new Map<string, number>();
  for (const digest of digests) counts.set(digest, (counts.get(digest) ?? 0) + 1);
  const [most, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), ['', 0]);
  const all = digests.map((_, rank) => rank);
  if (count === digests.length) return { ranks: [], certain: true };
  return count * 2 > digests.length
    ? { ranks: all.filter((rank) => digests[rank] !== most), certain: true }
    : { ranks: all, certain: false };
}
