/**
 * From the rows of metrics.jsonl to the diagrams of a run, all over the same axis of epochs.
 * In: the rows of a run. Out: panels in data units.
 */
import { type MetricName, SMALLER_IS_BETTER, type StepRow } from '@bagfleet/proto';
import { spoken } from './metric-words.js';
import { type Axis, niceAxis, ticksWithin } from './nice-ticks.js';
import { INK, LINE, LINES } from './palette.js';
import type { Mark, Series } from './plot-lines.js';
import type { Panel } from './plot-panel.js';
import type { RunRows } from './run-rows.js';
import { quantile, smooth, smoothingWidth } from './series.js';
import type { Point } from './svg.js';

/** Bounded metrics that are drawn beside the deciding one, most telling first. */
const DRAWN: readonly MetricName[] = ['auc', 'auprc', 'balancedAccuracy', 'f1'];
const FAINT = 0.28;
const DASHES = ['', '7 3', '2 3', '9 3 2 3', '4 2'];

export function lossPanel(rows: RunRows, metric: MetricName): Panel {
  const extra = metric !== 'loss' && SMALLER_IS_BETTER.includes(metric) ? [metric] : [];
  const series: Series[] = [
    ...rawAndSmooth(rows, (row) => row.loss, LINE.blue, 'training'),
    { name: 'validation', colour: LINE.vermillion, points: ofMetric(rows, 'loss'), width: 2.2, dots: true },
    ...extra.map((name) => ({
      name: `validation ${spoken(name)}`,
      colour: LINE.green,
      points: ofMetric(rows, name),
      dash: '7 3',
    })),
  ];
  return overEpochs(rows, {
    title: 'Loss',
    yName: 'loss per bag',
    y: fromZero(series),
    series,
    marks: bestLine(rows),
    nothing: 'no step yet',
  });
}

export function metricPanel(rows: RunRows, metric: MetricName): Panel {
  const bounded = !SMALLER_IS_BETTER.includes(metric);
  const names = [...new Set([...(bounded ? [metric] : []), ...DRAWN])];
  const series: Series[] = names.map((name, i) => ({
    name: spoken(name),
    colour: LINES[i],
    points: ofMetric(rows, name),
    width: i === 0 ? 2.6 : 1.8,
    dash: DASHES[i],
    dots: i === 0,
  }));
  const values = series.flatMap(({ points }) => points.map(([, value]) => value));
  const y = ticksWithin(Math.min(0.8, Math.floor(quantile(values, 0) * 10) / 10), 1, 5);
  const marks = bounded ? bestPoint(rows, metric) : bestLine(rows);
  return overEpochs(rows, {
    title: 'Validation',
    yName: 'metric (best is 1)',
    y,
    series,
    marks,
    nothing: 'no validation yet',
  });
}

export function ratePanel(rows: RunRows): Panel {
  const series = [{ name: '', colour: LINE.purple, points: overSteps(rows, (row) => row.rate), width: 2 }];
  return overEpochs(rows, { title: 'Learning rate', yName: 'rate', y: fromZero(series), series });
}

export function gradientPanel(rows: RunRows): Panel {
  const series = rawAndSmooth(rows, (row) => row.gradientNorm, LINE.green);
  return overEpochs(rows, { title: 'Gradient norm', yName: 'norm', y: fromZero(series), series });
}

export function speedPanel(rows: RunRows): Panel {
  const series = rawAndSmooth(rows, (row) => (1000 * row.bags) / row.milliseconds, LINE.blue);
  return overEpochs(rows, { title: 'Speed', yName: 'bags/s', y: fromZero(series), series });
}

export function balancePanel(rows: RunRows): Panel {
  const series = rawAndSmooth(rows, (row) => row.balance, LINE.orange);
  return overEpochs(rows, {
    title: 'Balance',
    yName: 'mean / largest load',
    y: ticksWithin(0, 1, 5),
    series,
  });
}

function overEpochs(rows: RunRows, panel: Omit<Panel, 'x' | 'xName'>): Panel {
  const last = Math.max(
    1,
    ...rows.epochs.map((row) => row.epoch),
    ...rows.steps.slice(-1).map((row) => row.epoch),
  );
  return { ...panel, x: ticksWithin(0, last, 6, true), xName: 'epoch' };
}

function overSteps({ steps, stepsPerEpoch }: RunRows, value: (row: StepRow) => number): Point[] {
  return steps
    .map((row): Point => [row.epoch - 1 + row.step / stepsPerEpoch, value(row)])
    .filter(([, y]) => Number.isFinite(y));
}

function ofMetric({ epochs }: RunRows, name: MetricName): Point[] {
  return epochs.flatMap((row): Point[] => {
    const value = row.validation?.[name];
    return value === null || value === undefined ? [] : [[row.epoch, value]];
  });
}

/** Each step, faint, and the mean of its neighbours; while there are few steps, only these. */
function rawAndSmooth(rows: RunRows, value: (row: StepRow) => number, colour: string, name = ''): Series[] {
  const points = overSteps(rows, value);
  const width = smoothingWidth(points.length);
  if (width === 1) return [{ name, colour, points, dots: true }];
  return [
    { name: name && `${name}, each step`, colour, points, width: 1, opacity: FAINT },
    { name: name && `mean of ${width} steps`, colour, points: smooth(points, width), width: 2.2 },
  ];
}

/** From 0 to the highest point; of faint lines to what nearly all stay below, so that a spike does not flatten the rest. */
function fromZero(series: readonly Series[]): Axis {
  const ends = series.map(({ points, opacity }) =>
    quantile(
      points.map(([, y]) => y),
      opacity === FAINT ? 0.99 : 1,
    ),
  );
  const low = Math.min(
    0,
    ...series.map(({ points }) =>
      quantile(
        points.map(([, y]) => y),
        0,
      ),
    ),
  );
  return niceAxis(low, Math.max(...ends) || 1, 5);
}

function bestLine({ best }: RunRows): Mark[] {
  return best === null ? [] : [{ x: best.epoch, colour: INK.axis, note: 'best' }];
}

function bestPoint({ best }: RunRows, metric: MetricName): Mark[] {
  const value = best?.validation?.[metric];
  if (best === null || value === null || value === undefined) return [];
  return [
    {
      x: best.epoch,
      y: value,
      colour: INK.text,
      note: `best: ${spoken(metric)} ${value.toFixed(4)}, epoch ${best.epoch}`,
    },
  ];
}
