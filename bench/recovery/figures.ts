/**
 * Figures and the bars that the issue sets for them. In: samples in seconds. Out: value, bar, and whether it holds;
 * a small table for people.
 */
export interface Figure {
  readonly value: number;
  /** null: there is none. */
  readonly bar: number | null;
  readonly holds: boolean | null;
}

export type Figures = Readonly<Record<string, Figure>>;

export function figure(value: number, bar: number | null = null): Figure {
  const rounded = Math.round(value * 1000) / 1000;
  return { value: rounded, bar, holds: bar === null ? null : rounded <= bar };
}

/** Median and worst of losses, against the bars of the issue: a median and a limit for each. */
export function lossFigures(name: string, seconds: readonly number[], bars: LossBars): Figures {
  return {
    [`${name}MedianSeconds`]: figure(median(seconds), bars.median),
    [`${name}WorstSeconds`]: figure(Math.max(...seconds), bars.worst),
  };
}

export interface LossBars {
  readonly median: number | null;
  readonly worst: number;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Each phase's median over the losses that came through it, in the order of its time. */
export function medianPhases(samples: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const names = [...new Set(samples.flatMap((phases) => Object.keys(phases)))];
  const medians = names.map((name): [string, number] => [
    name,
    Math.round(median(samples.flatMap((phases) => phases[name] ?? [])) * 1000) / 1000,
  ]);
  return Object.fromEntries(medians.sort(([, a], [, b]) => a - b));
}

export function table(figures: Figures): string {
  const rows = Object.entries(figures).map(([name, { value, bar, holds }]) => {
    const verdict = holds === null ? '' : holds ? 'holds' : 'DOES NOT HOLD';
    return [name, value.toFixed(3), bar === null ? '' : `≤ ${bar}`, verdict];
  });
  const all = [['figure', 'value', 'bar', ''], ...rows];
  const widths = all[0].map((_, column) => Math.max(...all.map((row) => row[column].length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
