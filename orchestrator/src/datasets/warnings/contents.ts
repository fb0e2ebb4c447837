/** What is wrong in the contents of bags: what can't be read, what is all alike, what is unlike the others. */
import type { BagFacts } from '../contents/bag-facts.js';
import type { ReadFacts, UnreadableBag } from '../contents/read-facts.js';
import { idsOf, listed, type Warning } from './warning.js';

/** Share of instances that are copies of others from which on a bag is told: blank tiles make some everywhere. */
const MANY_COPIES = 0.5;
/** Values of one extractor differ in scale from slide to slide, but not by this factor. */
const ODD_FACTOR = 3;
/** With fewer bags nobody knows what is usual. */
const LEAST_BAGS = 5;

export function contentWarnings({ facts, unreadable }: ReadFacts): Warning[] {
  const constant = facts.filter(({ deviation }) => deviation === 0);
  const alike = facts.filter(
    ({ instances, distinct, deviation }) =>
      deviation > 0 && instances > 2 && 1 - distinct / instances > MANY_COPIES,
  );
  return [
    ...unreadable.map(unreadableBag),
    ...warn(constant, 'bag-constant', 'one value only', 'Make their features again.'),
    ...warn(
      alike,
      'instances-identical',
      'more copies of instances than distinct ones',
      'Were blank tiles left in, or a batch written twice?',
    ),
    ...warn(
      oddScales(facts.filter(({ deviation }) => deviation > 0)),
      'scale-odd',
      `values of a scale that is more than ${ODD_FACTOR} times another one than in most bags`,
      'Another extractor, or another normalisation?',
    ),
    ...mixedTypes(facts),
  ];
}

function unreadableBag({ id, error }: UnreadableBag): Warning {
  return {
    code: 'bag-unreadable',
    message: `${error.culprit ?? `bag ${id}`}: ${error.message}`,
    bags: [id],
    hint: error.hint ?? 'Take it out of the dataset.',
  };
}

function warn(facts: readonly BagFacts[], code: Warning['code'], what: string, hint: string): Warning[] {
  if (facts.length === 0) return [];
  return [{ code, message: `${listed(facts)}: ${what}`, bags: idsOf(facts), hint }];
}

function oddScales(facts: readonly BagFacts[]): BagFacts[] {
  if (facts.length < LEAST_BAGS) return [];
  const sorted = facts.map(({ deviation }) => deviation).sort((a, b) => a - b);
  const usual = sorted[sorted.length >> 1];
  return facts.filter(({ deviation }) => deviation > ODD_FACTOR * usual || deviation < usual / ODD_FACTOR);
}

function mixedTypes(facts: readonly BagFacts[]): Warning[] {
  const types = [...new Set(facts.map(({ type }) => type))];
  if (types.length < 2) return [];
  const count = (type: string) => facts.filter((bag) => bag.type === type).length;
  const rarest = types.reduce((a, b) => (count(b) < count(a) ? b : a));
  return warn(
    facts.filter(({ type }) => type === rarest),
    'types-mixed',
    `stored as ${rarest}, others as ${types.filter((type) => type !== rarest).join(', ')}`,
    'That works; it is told because bags of one extractor are usually alike.',
  );
}
