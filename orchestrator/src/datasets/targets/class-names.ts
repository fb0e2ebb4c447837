/**
 * From the words in a label column to class indices.
 * In: the labels as they are written, and which is positive. Out: class names in the order of their indices.
 */
import { BagfleetError } from '@bagfleet/proto/errors';

/** Pairs whose second word is positive without anybody saying so. */
const KNOWN_PAIRS = [
  ['negative', 'positive'],
  ['neg', 'pos'],
  ['false', 'true'],
  ['no', 'yes'],
  ['normal', 'tumor'],
  ['normal', 'tumour'],
  ['benign', 'malignant'],
];

/** Numbers in their order; two words with the positive one last; more words in alphabetical order. */
export function classNames(
  labels: readonly string[],
  positive: string | undefined,
  source: string,
): string[] {
  const names = [...new Set(labels)].sort(byNumberOrName);
  if (names.length < 2)
    throw new BagfleetError('manifest-invalid', `all bags have the label ${names[0]}`, {
      culprit: source,
      hint: 'A model needs bags of at least two classes to tell apart.',
    });
  if (positive !== undefined) return withPositiveLast(names, positive, source);
  if (names.length > 2 || names.every(isNumber)) return names;
  const lowered = names.map((name) => name.toLowerCase());
  const known = KNOWN_PAIRS.find((pair) => pair.every((word) => lowered.includes(word)));
  if (known) return withPositiveLast(names, names[lowered.indexOf(known[1])], source);
  throw new BagfleetError('usage', `which of the labels ${names.join(' and ')} is positive?`, {
    culprit: source,
    hint: `Say so: --positive ${quoted(names[1])} or --positive ${quoted(names[0])}.`,
  });
}

function withPositiveLast(names: readonly string[], positive: string, source: string): string[] {
  if (names.length === 2 && names.includes(positive))
    return [...names.filter((name) => name !== positive), positive];
  const problem = names.length > 2 ? `there are ${names.length} classes` : `no bag has the label ${positive}`;
  throw new BagfleetError('usage', `--positive ${quoted(positive)} was given, but ${problem}`, {
    culprit: source,
    hint:
      names.length > 2 ? 'Leave it out: it is for two classes.' : `The labels are ${names.join(' and ')}.`,
  });
}

function byNumberOrName(a: string, b: string): number {
  if (isNumber(a) && isNumber(b)) return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function isNumber(name: string): boolean {
  return name !== '' && Number.isFinite(Number(name));
}

function quoted(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `'${name}'`;
}
