/**
 * Which digits lie in which bag of MNIST-bags (Ilse, Tomczak, Welling: Attention-based deep multiple
 * instance learning, ICML 2018, section 4.2): a bag's size is drawn from N(10, 2) and rounded, at least 1; it
 * is positive if it holds a 9.
 * In: a seed, how many bags, the digits' labels. Out: the bags as lists of digits. Pure: the same arguments
 * give the same bags everywhere.
 *
 * Here half of the bags of each split are positive. Sizes are drawn before labels, and digits given both, so
 * that the size tells nothing about the label. Training and validation bags draw from two disjoint parts of
 * the training digits, test bags from the test digits; within a part digits are drawn with replacement.
 */
import { CounterRng } from '@bagfleet/proto/counter-rng';
import type { Split } from '@bagfleet/proto/dataset-manifest';

export interface MnistBagsSettings {
  readonly seed: number;
  readonly bags: Readonly<Record<Split, number>>;
}

export interface MnistBag {
  readonly id: string;
  readonly split: Split;
  /** 1 if one of the digits is a 9. */
  readonly label: 0 | 1;
  /** Indices into the training digits (train, val) or the test digits (test). */
  readonly digits: Uint32Array;
}

const TARGET = 9;
const MEAN_SIZE = 10;
const SIZE_DEVIATION = 2;
/** Of the training digits these many, drawn at random, are kept for validation bags. */
const VALIDATION_DIGITS = 10_000;

export function planMnistBags(
  settings: MnistBagsSettings,
  labels: { readonly train: Uint8Array; readonly test: Uint8Array },
): MnistBag[] {
  const shuffled = new CounterRng(settings.seed, ['mnist-bags', 'digits']).permutation(labels.train.length);
  const kept = shuffled.length - VALIDATION_DIGITS;
  const everyTestDigit = Uint32Array.from(labels.test, (_, index) => index);
  return [
    ...planSplit(settings, 'train', shuffled.subarray(0, kept), labels.train),
    ...planSplit(settings, 'val', shuffled.subarray(kept), labels.train),
    ...planSplit(settings, 'test', everyTestDigit, labels.test),
  ];
}

function planSplit(
  settings: MnistBagsSettings,
  split: Split,
  pool: Uint32Array,
  labels: Uint8Array,
): MnistBag[] {
  const { seed } = settings;
  const count = settings.bags[split];
  const sizes = new CounterRng(seed, ['mnist-bags', split, 'sizes']).normal(count);
  const order = new CounterRng(seed, ['mnist-bags', split, 'labels']).permutation(count);
  const withoutTarget = pool.filter((digit) => labels[digit] !== TARGET);
  return Array.from({ length: count }, (_, index) => {
    const size = Math.max(1, Math.round(MEAN_SIZE + SIZE_DEVIATION * sizes[index]));
    const label = order[index] < Math.floor(count / 2) ? 1 : 0;
    const drawFrom = (digits: Uint32Array, attempt: number) =>
      draw(digits, size, new CounterRng(seed, ['mnist-bags', split, 'bag', index, attempt]));
    const digits = label === 1 ? drawPositive(pool, labels, drawFrom) : drawFrom(withoutTarget, 0);
    return { id: `${split}-${String(index + 1).padStart(4, '0')}`, split, label, digits };
  });
}

/** Digits drawn from the whole pool, again and again until one is a 9: the right distribution given that. */
function drawPositive(
  pool: Uint32Array,
  labels: Uint8Array,
  drawFrom: (digits: Uint32Array, attempt: number) => Uint32Array,
): Uint32Array {
  for (let attempt = 0; ; attempt++) {
    const digits = drawFrom(pool, attempt);
    if (digits.some((digit) => labels[digit] === TARGET)) return digits;
  }
}

function draw(digits: Uint32Array, size: number, rng: CounterRng): Uint32Array {
  return Uint32Array.from(rng.uniform(size), (u) => digits[Math.floor(u * digits.length)]);
}
