/**
 * A dataset's summary as lines for a terminal of any width from 24 columns on.
 */
import type { DatasetSummary } from './describe-dataset.js';
import type { Bin } from './histogram.js';

const MOST_WARNINGS = 10;
const WIDEST_BAR = 40;

export function datasetPage(summary: DatasetSummary, columns: number): string[] {
  const { name, instanceShape, bags, instances, bytes, folds, bagSizes } = summary;
  return [
    `${name}: ${count(bags, 'bag')}, ${count(instances, 'instance')} of ${instanceShape.join(' × ')}, ${sizeWords(bytes)}`,
    ...splitLines(summary),
    ...(folds > 0 ? [`  ${folds} folds`] : []),
    '',
    `instances per bag: ${number(bagSizes.smallest)} to ${number(bagSizes.largest)}, median ${number(bagSizes.median)}`,
    ...bars(bagSizes.histogram, columns),
    ...warningLines(summary.warnings),
  ];
}

function splitLines({ splits, classes }: DatasetSummary): string[] {
  const widest = Math.max(...splits.map(({ bags }) => number(bags).length));
  return splits.map(({ split, bags, perClass }) => {
    const shares = perClass.map((inClass, label) => `${number(inClass)} ${classes[label]}`);
    return `  ${split.padEnd(5)} ${number(bags).padStart(widest)} ${bags === 1 ? 'bag' : 'bags'}: ${shares.join(', ')}`;
  });
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

function warningLines(warnings: readonly string[]): string[] {
  if (warnings.length === 0) return [];
  const more =
    warnings.length > MOST_WARNINGS
      ? [`  … and ${warnings.length - MOST_WARNINGS} more (all with --json)`]
      : [];
  return [
    '',
    `${count(warnings.length, 'warning')}:`,
    ...warnings.slice(0, MOST_WARNINGS).map((text) => `  ${text}`),
    ...more,
  ];
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
