/**
 * Something in a dataset that may spoil a training or a score. Warnings name bags by their ids and nothing else of a
 * patient.
 */
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';

export interface Warning {
  readonly code: WarningCode;
  /** One sentence; of many bags it names the first. */
  readonly message: string;
  /** Ids of all bags that it is about; none if it is about a split or a class. */
  readonly bags: readonly string[];
  /** What to do about it. */
  readonly hint: string;
}

export type WarningCode =
  | 'object-missing'
  | 'object-changed'
  | 'object-shared'
  | 'same-content'
  | 'patient-in-splits'
  | 'patient-in-folds'
  | 'class-absent'
  | 'class-small'
  | 'bag-small'
  | 'bag-large'
  | 'id-telling'
  | 'bag-unreadable'
  | 'instances-identical'
  | 'bag-constant'
  | 'scale-odd'
  | 'types-mixed';

const MOST_LISTED = 4;

/** `bag a`, `bags a, b`, `bags a, b, c, d and 7 more`. */
export function listed(bags: readonly Pick<BagEntry, 'id'>[]): string {
  const names = bags.slice(0, MOST_LISTED).map(({ id }) => id);
  const more = bags.length > MOST_LISTED ? ` and ${bags.length - MOST_LISTED} more` : '';
  return `${bags.length === 1 ? 'bag' : 'bags'} ${names.join(', ')}${more}`;
}

export function idsOf(bags: readonly Pick<BagEntry, 'id'>[]): string[] {
  return bags.map(({ id }) => id);
}
