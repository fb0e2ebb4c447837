/**
 * The same work on many items, a bounded number at a time, with results in the items' order.
 * In: items, what to do with each, how many at once. Out: the results; or, once no work is under way any more, the
 * error of the first item (in their order) that failed.
 */
export async function mapAtMost<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const failures = new Map<number, unknown>();
  let next = 0;
  // Items start in order, so every item before a failed one has started too: the first failure is the
  // same in every run.
  const turn = async () => {
    while (next < items.length && failures.size === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index], index);
      } catch (thrown) {
        failures.set(index, thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, turn));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}
