/**
 * What a diagram shows: lines with their legend, and marks.
 * In: series and marks in data units, a frame. Out: SVG.
 */
import { INK } from './palette.js';
import { type Frame, place, TEXT } from './plot-frame.js';
import { thin } from './series.js';
import { type Attributes, element, label, line, type Point, pathThrough } from './svg.js';
import { textWidth } from './text-width.js';

export interface Series {
  /** Shown in the legend; an empty one is not. */
  readonly name: string;
  readonly colour: string;
  readonly points: readonly Point[];
  readonly width?: number;
  readonly opacity?: number;
  /** SVG dash pattern, such as '5 3'. */
  readonly dash?: string;
  /** A dot on every point, if there are no more than MOST_DOTS. */
  readonly dots?: boolean;
}

export interface Mark {
  readonly x: number;
  /** A vertical line stands at x; with y, a ring is around the point, and the note at the bottom. */
  readonly y?: number;
  readonly colour: string;
  readonly note?: string;
}

const MOST_DOTS = 60;

export function drawSeries(series: Series, frame: Frame): string {
  const points = thin(series.points, Math.round(frame.width)).map((point) => place(frame, point));
  const path =
    points.length > 1 ? element('path', { d: pathThrough(points), fill: 'none', ...strokeOf(series) }) : '';
  const dotted = points.length === 1 || (series.dots === true && points.length <= MOST_DOTS);
  const dot = { r: 2.6, fill: series.colour, opacity: series.opacity ?? 1 };
  return path + (dotted ? points : []).map(([cx, cy]) => element('circle', { cx, cy, ...dot })).join('');
}

export function drawLegend(series: readonly Series[], [left, height]: Point): string {
  let x = left;
  const entries = series.filter(isNamed).map((one) => {
    const stroke = { ...strokeOf(one), 'stroke-width': Math.max(2, one.width ?? 2) };
    const key = line([x, height - 4], [x + 20, height - 4], stroke);
    const words = label([x + 26, height], one.name, { 'font-size': TEXT, fill: INK.muted });
    x += 26 + textWidth(one.name, TEXT) + 18;
    return key + words;
  });
  return entries.join('');
}

export function isNamed({ name, points }: Series): boolean {
  return name !== '' && points.length > 0;
}

export function drawMark({ x, y, colour, note }: Mark, frame: Frame): string {
  const [across, height] = place(frame, [x, y ?? frame.y.low]);
  const thread = { stroke: colour, 'stroke-width': 1, 'stroke-dasharray': '2 3' };
  const circle = { cx: across, cy: height, r: 5.5, fill: 'none', stroke: colour, 'stroke-width': 2 };
  const stem = line([across, frame.top], [across, frame.bottom], thread);
  const ring = y === undefined ? '' : element('circle', circle);
  const words =
    note === undefined
      ? ''
      : drawNote(note, [across, y === undefined ? frame.top + 12 : frame.bottom - 10], frame);
  return stem + ring + words;
}

/** The note stands on the side of the mark that has room, on a halo that keeps lines off it. */
function drawNote(note: string, [across, height]: Point, frame: Frame): string {
  const right = across + 9 + textWidth(note, TEXT) < frame.right;
  const halo = { stroke: INK.paper, 'stroke-width': 4, 'stroke-linejoin': 'round', 'paint-order': 'stroke' };
  const words = { 'font-size': TEXT, fill: INK.text, 'text-anchor': right ? 'start' : 'end', ...halo };
  return label([across + (right ? 9 : -9), height], note, words);
}

function strokeOf({ colour, width = 2, opacity = 1, dash }: Series): Attributes {
  const stroke = { stroke: colour, 'stroke-width': width, 'stroke-linejoin': 'round', opacity };
  return dash ? { ...stroke, 'stroke-dasharray': dash } : stroke;
}
