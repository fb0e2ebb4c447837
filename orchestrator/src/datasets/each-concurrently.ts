/**
 * Work on many small objects of a store at once, a bounded number at a time, with results in order.
 * In: items and what to do with each. Out: the results in the items' order; or, once no work is under way
 * any more, the error of the first item (in their order) that failed.
 */

/** Tells how far a long work is; `label` says of what: `writing bags`. */
export type Progress = (done: number, total: number, label: string) => void;

/** Small objects are bound by round trips, not by bandwidth. */
const AT_ONCE = 16;

export async function eachConcurrently<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
  told: { readonly label: string; readonly progress: Progress },
  atOnce = AT_ONCE,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  const failures = new Map<number, unknown>();
  let next = 0;
  let done = 0;
  // Items start in order, so every item before a failed one has started too: the first failure is the
  // same in every run.
  const worker = async () => {
    while (next < items.length && failures.size === 0) {
      const index = next++;
      try {
        results[index] = await work(items[index]);
        told.progress(++done, items.length, told.label);
      } catch (thrown) {
        failures.set(index, thrown);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failures.size > 0) throw failures.get(Math.min(...failures.keys()));
  return results;
}
