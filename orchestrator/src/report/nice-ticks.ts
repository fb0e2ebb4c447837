/**
 * Round numbers for an axis: 1, 2, 2.5 or 5 times a power of ten.
 * In: the range of the data. Out: ticks that hold it, and labels with no more digits than the step needs.
 */

export interface Axis {
  /** Ends of the axis: the outermost ticks, or a bound that was given. */
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
  /** One per tick. */
  readonly labels: readonly string[];
  /** Labels are value / unit, where unit is a power of ten; 1 for values of ordinary size. */
  readonly unit: number;
}

/** An axis of about `count` steps around [low, high]; a single value gets room on both sides. */
export function niceAxis(low: number, high: number, count: number): Axis {
  const [from, to] = low < high ? [low, high] : roomAround(low);
  const step = niceStep((to - from) / count);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.ceil(to / step - 1e-9);
  return axisOf(step, first, last, first * step, last * step);
}

/** Ticks within [low, high]; the axis ends exactly there. */
export function ticksWithin(low: number, high: number, count: number, wholeNumbers = false): Axis {
  const [from, to] = low < high ? [low, high] : roomAround(low);
  const step = wholeNumbers
    ? Math.max(1, Math.round(niceStep((to - from) / count)))
    : niceStep((to - from) / count);
  return axisOf(step, Math.ceil(from / step - 1e-9), Math.floor(to / step + 1e-9), from, to);
}

function axisOf(step: number, first: number, last: number, low: number, high: number): Axis {
  const ticks = Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
  const unit = unitOf(Math.max(Math.abs(low), Math.abs(high)));
  const digits = Math.max(0, decimalsOf(step / unit));
  return { low, high, ticks, labels: ticks.map((tick) => (tick / unit).toFixed(digits)), unit };
}

/** The smallest of 1, 2, 2.5, 5, 10 times a power of ten that is not below `raw`. */
function niceStep(raw: number): number {
  const power = 10 ** Math.floor(Math.log10(raw));
  const factor = [1, 2, 2.5, 5].find((nice) => nice * power >= raw * (1 - 1e-9)) ?? 10;
  return factor * power;
}

function roomAround(value: number): [number, number] {
  const room = value === 0 ? 1 : Math.abs(value) / 2;
  return [value - room, value + room];
}

function unitOf(largest: number): number {
  if (largest >= 0.01 && largest < 1e5) return 1;
  return 10 ** Math.floor(Math.log10(largest));
}

function decimalsOf(step: number): number {
  for (let digits = 0; digits < 8; digits++)
    if (Math.abs(step - Number(step.toFixed(digits))) < step * 1e-6) return digits;
  return 8;
}

/** " ×10⁻⁴" for a unit of 1e-4; nothing for 1. */
export function unitSuffix(unit: number): string {
  if (unit === 1) return '';
  const superscript = [...String(Math.round(Math.log10(unit)))].map((char) =>
    char === '-' ? '⁻' : '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(char)],
  );
  return ` ×10${superscript.join('')}`;
}
