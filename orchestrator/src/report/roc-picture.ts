/**
 * What `bagfleet evaluate` shows of a model with two classes: ROC, precision and recall, calibration.
 * In: one prediction per bag, the decision threshold. Out: one SVG, or its PNG.
 */
import { calibrationBins } from '@bagfleet/worker/metrics/calibration';
import { evaluateBinary } from '@bagfleet/worker/metrics/evaluate-binary';
import { precisionRecallCurve, rocCurve } from '@bagfleet/worker/metrics/operating-curves';
import type { BinaryPrediction } from '@bagfleet/worker/metrics/prediction';
import { scoreTable } from '@bagfleet/worker/metrics/score-table';
import { ticksWithin } from './nice-ticks.js';
import { INK, LINE } from './palette.js';
import type { Series } from './plot-lines.js';
import { type Panel, plotPanel } from './plot-panel.js';
import { label, type Point, svgDocument } from './svg.js';
import { svgToPng } from './svg-to-png.js';

export interface RocTitle {
  /** What was evaluated on what, such as `mnist-7f3a, best, on 1,000 test bags`. */
  readonly title: string;
  /** A bag is called positive when its probability ≥ threshold. */
  readonly threshold: number;
}

const WIDTH = 1240;
const HEIGHT = 500;
const EDGE = 32;
const GAP = 28;
const UNIT = ticksWithin(0, 1, 5);
const CHANCE = { colour: INK.axis, width: 1, dash: '4 4' };

export function rocPng(predictions: readonly BinaryPrediction[], title: RocTitle): Buffer {
  return svgToPng(rocSvg(predictions, title), 1.5);
}

export function rocSvg(predictions: readonly BinaryPrediction[], { title, threshold }: RocTitle): string {
  const panels = [rocPanel, recallPanel, calibrationPanel].map((panel) => panel(predictions, threshold));
  const width = (WIDTH - 2 * EDGE - 2 * GAP) / 3;
  return svgDocument(
    WIDTH,
    HEIGHT,
    INK.paper,
    label([EDGE, 44], title, { 'font-size': 20, 'font-weight': 'bold', fill: INK.text }),
    ...panels.map((panel, i) =>
      plotPanel(panel, { left: EDGE + i * (width + GAP), top: 72, width, height: 408 }),
    ),
  );
}

function rocPanel(predictions: readonly BinaryPrediction[], threshold: number): Panel {
  const { auc, sensitivity, specificity } = evaluateBinary(predictions, null, threshold);
  const defined = typeof sensitivity === 'number' && typeof specificity === 'number';
  return {
    title: `ROC, AUC ${said(auc)}`,
    ...square('1 - specificity', 'sensitivity'),
    series: [
      diagonal('chance'),
      { name: 'model', colour: LINE.blue, points: rocCurve(scoreTable(predictions)), width: 2.4 },
    ],
    marks: defined
      ? [{ x: 1 - specificity, y: sensitivity, colour: INK.text, note: `threshold ${threshold.toFixed(3)}` }]
      : [],
  };
}

function recallPanel(predictions: readonly BinaryPrediction[], threshold: number): Panel {
  const { auprc, sensitivity, ppv } = evaluateBinary(predictions, null, threshold);
  const { rows, positives, negatives } = scoreTable(predictions);
  const share = positives / (positives + negatives);
  const chance: Point[] =
    positives > 0
      ? [
          [0, share],
          [1, share],
        ]
      : [];
  const curve = stepped(precisionRecallCurve({ rows, positives, negatives }));
  const defined = typeof sensitivity === 'number' && typeof ppv === 'number';
  return {
    title: `Precision and recall, AUPRC ${said(auprc)}`,
    nothing: 'no positive bag',
    ...square('recall (sensitivity)', 'precision (PPV)'),
    series: [
      { name: 'chance', ...CHANCE, points: chance },
      { name: 'model', colour: LINE.vermillion, points: curve, width: 2.4 },
    ],
    marks: defined
      ? [{ x: sensitivity, y: ppv, colour: INK.text, note: `threshold ${threshold.toFixed(3)}` }]
      : [],
  };
}

function calibrationPanel(predictions: readonly BinaryPrediction[]): Panel {
  const { brier } = evaluateBinary(predictions, null, 0.5);
  const points = calibrationBins(predictions).map(({ predicted, observed }): Point => [predicted, observed]);
  return {
    title: `Calibration, Brier ${said(brier)}`,
    ...square('mean predicted probability', 'share of positive bags'),
    series: [
      diagonal('perfect'),
      { name: 'model, in tenths', colour: LINE.green, points, width: 2.4, dots: true },
    ],
  };
}

function square(xName: string, yName: string): Pick<Panel, 'x' | 'xName' | 'y' | 'yName'> {
  return { x: UNIT, xName, y: UNIT, yName };
}

function diagonal(name: string): Series {
  return {
    name,
    ...CHANCE,
    points: [
      [0, 0],
      [1, 1],
    ],
  };
}

/** Average precision is the area under steps: each precision holds back to the recall before. */
function stepped(points: readonly Point[]): Point[] {
  return points.flatMap(([recall, precision], i): Point[] => [
    [points[i - 1]?.[0] ?? 0, precision],
    [recall, precision],
  ]);
}

function said(value: number | null | undefined): string {
  return typeof value === 'number' ? value.toFixed(4) : 'undefined';
}
