/**
 * curves.png of a run: loss and validation large, rate, gradient norm, speed and balance small.
 * In: the rows of metrics.jsonl, the run's name, the deciding metric. Out: one SVG, or its PNG.
 */
import type { MetricName, MetricRow } from '@bagfleet/proto';
import {
  balancePanel,
  gradientPanel,
  lossPanel,
  metricPanel,
  ratePanel,
  speedPanel,
} from './curve-panels.js';
import { formatDuration } from './duration.js';
import { spoken } from './metric-words.js';
import { INK } from './palette.js';
import { plotPanel } from './plot-panel.js';
import { type RunRows, runRows } from './run-rows.js';
import { label, svgDocument } from './svg.js';
import { svgToPng } from './svg-to-png.js';
import { textWidth } from './text-width.js';

export interface CurvesTitle {
  /** The run's id. */
  readonly run: string;
  /** The metric that decides which checkpoint is best. */
  readonly metric: MetricName;
}

const WIDTH = 1240;
const HEIGHT = 760;
const EDGE = 32;
const GAP = 28;

export function curvesPng(rows: readonly MetricRow[], title: CurvesTitle): Buffer {
  return svgToPng(curvesSvg(rows, title), 1.5);
}

export function curvesSvg(rows: readonly MetricRow[], { run, metric }: CurvesTitle): string {
  const found = runRows(rows);
  const large = [lossPanel(found, metric), metricPanel(found, metric)];
  const small = [ratePanel(found), gradientPanel(found), speedPanel(found), balancePanel(found)];
  return svgDocument(
    WIDTH,
    HEIGHT,
    INK.paper,
    label([EDGE, 46], run, { 'font-size': titleSize(run), 'font-weight': 'bold', fill: INK.text }),
    label([EDGE, 70], summary(found, metric), { 'font-size': 13, fill: INK.muted }),
    ...large.map((panel, i) => plotPanel(panel, column(i, large.length, 100, 380))),
    ...small.map((panel, i) => plotPanel(panel, column(i, small.length, 510, 228))),
  );
}

/** 22 px, less for a name that would not fit. */
function titleSize(run: string): number {
  return Math.min(22, (WIDTH - 2 * EDGE) / (1.15 * textWidth(run, 1))); // bold is up to 15 % wider
}

function column(index: number, count: number, top: number, height: number) {
  const width = (WIDTH - 2 * EDGE - (count - 1) * GAP) / count;
  return { left: EDGE + index * (width + GAP), top, width, height };
}

function summary({ steps, epochs, best }: RunRows, metric: MetricName): string {
  const seconds = epochs.reduce((sum, row) => sum + row.seconds, 0);
  const value = best?.validation?.[metric];
  const parts = [
    epochs.length === 1 ? '1 epoch' : `${epochs.length} epochs`,
    steps.length === 1 ? '1 step' : `${steps.length} steps`,
    ...(epochs.length > 0 ? [formatDuration(seconds)] : []),
    ...(typeof value === 'number'
      ? [`best ${spoken(metric)} ${value.toFixed(4)} in epoch ${best?.epoch}`]
      : []),
  ];
  return parts.join('  ·  ');
}
