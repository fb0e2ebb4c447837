/**
 * How bags are split: as a column of the labels says, or by shares.
 * In: the words of --split, whether the labels have such a column. Out: a SplitRule.
 */
import { SPLITS, type Split } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';

export type SplitRule =
  | { readonly kind: 'column' }
  /** Shares from 0 to 1 that add up to 1. */
  | { readonly kind: 'shares'; readonly shares: Readonly<Record<Split, number>> };

const USUAL_SHARES = 'train=0.7,val=0.15,test=0.15';

/** Without words: the column if there is one, else 70 % train, 15 % validation, 15 % test. */
export function splitRule(words: string | undefined, hasColumn: boolean): SplitRule {
  const asked = words ?? (hasColumn ? 'column' : USUAL_SHARES);
  if (asked !== 'column') return { kind: 'shares', shares: readShares(asked) };
  if (hasColumn) return { kind: 'column' };
  throw wrong(
    asked,
    'the labels have no column split',
    `Add the column, or give shares: --split ${USUAL_SHARES}.`,
  );
}

function readShares(words: string): Record<Split, number> {
  const shares: Record<Split, number> = { train: 0, val: 0, test: 0 };
  for (const word of words.split(',')) {
    const [, name, share] = /^\s*(train|val|test)=(\d*\.?\d+)\s*$/.exec(word) ?? [];
    if (name === undefined)
      throw wrong(
        words,
        `${JSON.stringify(word)} is no share of a split`,
        `Like this: --split ${USUAL_SHARES}.`,
      );
    shares[name as Split] = Number(share);
  }
  const sum = SPLITS.reduce((total, split) => total + shares[split], 0);
  if (Math.abs(sum - 1) > 1e-9)
    throw wrong(words, `the shares add up to ${Number(sum.toFixed(6))}`, 'They must add up to 1.');
  if (shares.train === 0) throw wrong(words, 'no bag is left to train', 'Give train a share.');
  return shares;
}

function wrong(words: string, message: string, hint: string): BagfleetError {
  return new BagfleetError('usage', message, { culprit: `--split ${words}`, hint });
}
