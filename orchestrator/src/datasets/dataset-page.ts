/**
 * A dataset's summary and its warnings as lines for a terminal of any width from 24 columns on.
 */

import { wrapWords } from '../job-file/commented-job.js';
import type { DatasetSummary } from './describe-dataset.js';
import type { Bin } from './histogram.js';
import type { Span } from './span.js';
import type { Warning } from './warnings/warning.js';

const MOST_WARNINGS = 10;
const WIDEST_BAR = 40;
const WIDEST_LINE = 100;

export function datasetPage(
  summary: DatasetSummary,
  warnings: readonly Warning[],
  columns: number,
): string[] {
  const { name, instanceShape, bags, instances, bytes, folds, bagSizes } = summary;
  return [
    `${name}: ${count(bags, 'bag')}, ${count(instances, 'instance')} of ${instanceShape.join(' × ')}, ${sizeWords(bytes)}`,
    ...splitLines(summary),
    ...(folds > 0 ? [`  ${folds} folds`] : []),
    '',
    `instances per bag: ${number(bagSizes.smallest)} to ${number(bagSizes.largest)}, median ${number(bagSizes.median)}`,
    ...bars(bagSizes.histogram, columns),
    ...warningLines(warnings, columns),
  ];
}

function splitLines({ splits, classes }: DatasetSummary): string[] {
  const widest = Math.max(...splits.map(({ bags }) => number(bags).length));
  return splits.map(({ split, bags, patients, perClass, targets }) => {
    const parts = [
      ...(patients > 0 ? [count(patients, 'patient')] : []),
      ...perClass.map((inClass, label) => `${number(inClass)} ${classes[label]}`),
      ...targets.map((target) => `${target.name} ${spanWords(target)}`),
    ];
    return `  ${split.padEnd(5)} ${number(bags).padStart(widest)} ${bags === 1 ? 'bag' : 'bags'}: ${parts.join(', ')}`;
  });
}

function spanWords({ smallest, median, largest }: Span): string {
  return `${number(smallest)} to ${number(largest)}, median ${number(median)}`;
}

function bars(bins: readonly Bin[], columns: number): string[] {
  const ranges = bins.map(({ from, to }) => (from === to ? number(from) : `${number(from)}–${number(to)}`));
  const counts = bins.map((bin) => number(bin.count));
  const [rangeWidth, countWidth] = [ranges, counts].map((texts) =>
    Math.max(...texts.map((text) => text.length)),
  );
  const room = Math.max(4, Math.min(WIDEST_BAR, columns - rangeWidth - countWidth - 5));
  const most = Math.max(...bins.map((bin) => bin.count));
  return bins.map((bin, i) => {
    const length = bin.count === 0 ? 0 : Math.max(1, Math.round((bin.count / most) * room));
    return `  ${ranges[i].padStart(rangeWidth)} ${counts[i].padStart(countWidth)} ${'█'.repeat(length)}`.trimEnd();
  });
}

/** Each with what to do, wrapped; the first of them. */
function warningLines(warnings: readonly Warning[], columns: number): string[] {
  if (warnings.length === 0) return [];
  const more =
    warnings.length > MOST_WARNINGS
      ? [`  … and ${warnings.length - MOST_WARNINGS} more (all with --json)`]
      : [];
  const width = Math.max(20, Math.min(columns, WIDEST_LINE) - 4);
  const told = warnings.slice(0, MOST_WARNINGS).flatMap(({ message, hint }) => {
    const [first, ...rest] = wrapWords(message, width);
    return [
      `  ! ${first}`,
      ...rest.map((line) => `    ${line}`),
      ...wrapWords(hint, width).map((line) => `    ${line}`),
    ];
  });
  return ['', `${count(warnings.length, 'warning')}:`, ...told, ...more];
}

function count(value: number, thing: string): string {
  return `${number(value)} ${thing}${value === 1 ? '' : 's'}`;
}

export function sizeWords(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
