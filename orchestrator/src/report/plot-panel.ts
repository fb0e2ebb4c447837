/**
 * One diagram: title, legend, axes with units, lines, marks.
 * In: series in data units and a box in px. Out: SVG.
 */
import type { Axis } from './nice-ticks.js';
import { INK } from './palette.js';
import { xAxis, yAxis } from './plot-axes.js';
import { type Box, type Frame, frameIn, TEXT } from './plot-frame.js';
import { drawLegend, drawMark, drawSeries, isNamed, type Mark, type Series } from './plot-lines.js';
import { element, label } from './svg.js';

export interface Panel {
  readonly title: string;
  readonly x: Axis;
  readonly xName: string;
  readonly y: Axis;
  readonly yName: string;
  readonly series: readonly Series[];
  readonly marks?: readonly Mark[];
  /** Said in the middle when no series has a point. */
  readonly nothing?: string;
}

export function plotPanel(panel: Panel, box: Box): string {
  const { title, x, xName, y, yName, series, marks = [], nothing = 'nothing yet' } = panel;
  const frame = frameIn(box, x, y, series.some(isNamed));
  const isEmpty = series.every(({ points }) => points.length === 0);
  return [
    label([box.left, box.top + 15], title, { 'font-size': 15, 'font-weight': 'bold', fill: INK.text }),
    drawLegend(series, [box.left, box.top + 36]),
    yAxis(frame, yName),
    xAxis(frame, xName),
    clipped(
      frame,
      series.map((one) => drawSeries(one, frame)),
    ),
    ...marks.map((mark) => drawMark(mark, frame)),
    isEmpty ? emptyNote(nothing, frame) : '',
  ].join('');
}

/** A line that leaves the axes' range ends at the frame; a little room lets thick lines lie on its edge. */
function clipped({ left, top, width, height }: Frame, drawn: readonly string[]): string {
  const id = `clip-${left}-${top}`;
  const room = { x: left - 1, y: top - 3, width: width + 5, height: height + 6 };
  const path = element('clipPath', { id }, element('rect', room));
  return path + element('g', { 'clip-path': `url(#${id})` }, ...drawn);
}

function emptyNote(words: string, { left, right, top, bottom }: Frame): string {
  const style = { 'font-size': TEXT, fill: INK.axis, 'text-anchor': 'middle' };
  return label([(left + right) / 2, (top + bottom) / 2], words, style);
}
