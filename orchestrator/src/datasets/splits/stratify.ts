/**
 * Bags into parts (splits or folds) of given sizes, so that each part has its share of each class and no
 * patient lies in two parts.
 * In: bags with label and patient, the parts' shares, a seed. Out: a part per bag, the same for the same seed
 * whatever the order of the bags.
 */
import { CounterRng } from '@bagfleet/proto/counter-rng';

export interface StratifiedBag {
  readonly id: string;
  /** Class index or stratum. */
  readonly label: number;
  /** Bags of one patient stay together; a bag without one stands for itself. */
  readonly patient?: string | undefined;
}

/** Bags that stay together. */
interface Group {
  readonly name: string;
  readonly bags: readonly StratifiedBag[];
  /** Where it stands among groups of its size: a hash of seed, purpose and name. */
  readonly draw: number;
}

/**
 * Largest groups first, each to the part that lacks most of the group's classes; ties to the part that lacks
 * most bags at all, then to the earlier one.
 * Without patients each class is dealt out bag by bag, so that each part is within one bag of its share.
 * `shares` are positive or zero and add up to 1; a part with share 0 stays empty. Folds are drawn
 * apart from splits.
 */
export function stratify(
  bags: readonly StratifiedBag[],
  shares: readonly number[],
  seed: number,
  purpose: 'split' | 'fold' = 'split',
): ReadonlyMap<string, number> {
  const classes = Math.max(0, ...bags.map((bag) => bag.label + 1));
  const totals = countLabels(bags, classes);
  const lacking = shares.map((share) => totals.map((total) => total * share)); // [parts][classes]
  const open = shares.map((_, part) => part).filter((part) => shares[part] > 0);
  const parts = new Map<string, number>();
  for (const group of groupsOf(bags, seed, purpose)) {
    const counts = countLabels(group.bags, classes);
    const need = (part: number) =>
      counts.reduce((sum, count, label) => sum + count * lacking[part][label], 0);
    const room = (part: number) => lacking[part].reduce((sum, count) => sum + count, 0);
    const part = [...open].sort((a, b) => need(b) - need(a) || room(b) - room(a) || a - b)[0];
    for (const [label, count] of counts.entries()) lacking[part][label] -= count;
    for (const bag of group.bags) parts.set(bag.id, part);
  }
  return parts;
}

function groupsOf(bags: readonly StratifiedBag[], seed: number, purpose: string): Group[] {
  const byName = new Map<string, StratifiedBag[]>();
  for (const bag of bags) {
    const name = bag.patient === undefined ? `bag ${bag.id}` : `patient ${bag.patient}`;
    byName.set(name, [...(byName.get(name) ?? []), bag]);
  }
  const groups = [...byName].map(([name, members]) => {
    const [draw] = new CounterRng(seed, [purpose, name]).uint32(1);
    return { name, bags: members, draw };
  });
  return groups.sort(
    (a, b) => b.bags.length - a.bags.length || a.draw - b.draw || (a.name < b.name ? -1 : 1),
  );
}

function countLabels(bags: readonly StratifiedBag[], classes: number): number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const bag of bags) counts[bag.label]++;
  return counts;
}
