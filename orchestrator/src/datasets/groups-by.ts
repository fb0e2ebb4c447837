import { grouped } from './grouped.js';

/** Items that share a key, as groups of two and more, in the order of their first members. */
export function groupsBy<Item>(items: readonly Item[], key: (item: Item) => string): Item[][] {
  return [...grouped(items, key).values()].filter((group) => group.length > 1);
}
