/**
 * One diagram: title, legend, axes with units, lines, marks.
 * In: series in data units and a box in px. Out: SVG.
 */
import { type Axis, unitSuffix } from './nice-ticks.js';
import { INK } from './palette.js';
import { thin } from './series.js';
import { element, label, line, type Point, pathThrough } from './svg.js';
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
  /** A dot on every point (drawn up to 60 points). */
  readonly dots?: boolean;
}

export interface Mark {
  readonly x: number;
  /** A vertical line stands at x; with y, a ring is around the point, and the note at the bottom. */
  readonly y?: number;
  readonly colour: string;
  readonly note?: string;
}

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

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const TEXT = 12;
const ROOM = { title: 34, legend: 20, right: 14, bottom: 44, left: 58 };

export function plotPanel(panel: Panel, box: Box): string {
  const frame = frameIn(box, panel.series.some(isNamed));
  const place = (at: Point): Point => [
    frame.left + ((at[0] - panel.x.low) / (panel.x.high - panel.x.low)) * frame.width,
    frame.top + frame.height - ((at[1] - panel.y.low) / (panel.y.high - panel.y.low)) * frame.height,
  ];
  const clip = `clip-${box.left}-${box.top}`;
  const room = { x: frame.left - 1, y: frame.top - 3, width: frame.width + 5, height: frame.height + 6 };
  const drawn = panel.series.map((series) => drawSeries(series, place, frame.width));
  return [
    element('clipPath', { id: clip }, element('rect', room)),
    label([box.left, box.top + 15], panel.title, { 'font-size': 15, 'font-weight': 'bold', fill: INK.text }),
    legend(panel.series, [box.left, box.top + 36]),
    yAxis(panel, frame, place),
    xAxis(panel, frame, place),
    element('g', { 'clip-path': `url(#${clip})` }, ...drawn),
    ...(panel.marks ?? []).map((mark) => drawMark(mark, place, frame)),
    panel.series.every(({ points }) => points.length === 0) ? emptyNote(panel, frame) : '',
  ].join('');
}

/** Where the data lie: the box without title, legend and the axes' labels. */
function frameIn({ left, top, width, height }: Box, hasLegend: boolean): Box {
  const head = ROOM.title + (hasLegend ? ROOM.legend : 0);
  return {
    left: left + ROOM.left,
    top: top + head,
    width: width - ROOM.left - ROOM.right,
    height: height - head - ROOM.bottom,
  };
}

function isNamed({ name, points }: Series): boolean {
  return name !== '' && points.length > 0;
}

function drawSeries(series: Series, place: (at: Point) => Point, columns: number): string {
  const { colour, width = 2, opacity = 1, dash } = series;
  const points = thin(series.points, Math.round(columns)).map(place);
  const stroke = { fill: 'none', stroke: colour, 'stroke-width': width, 'stroke-linejoin': 'round', opacity };
  const path = element('path', {
    d: pathThrough(points),
    ...stroke,
    ...(dash ? { 'stroke-dasharray': dash } : {}),
  });
  const dotted = points.length === 1 || (series.dots === true && points.length <= 60);
  const dots = dotted
    ? points.map(([cx, cy]) => element('circle', { cx, cy, r: 2.6, fill: colour, opacity }))
    : [];
  return (points.length > 1 ? path : '') + dots.join('');
}

function legend(series: readonly Series[], at: Point): string {
  let x = at[0];
  return series
    .filter(isNamed)
    .map(({ name, colour, width = 2, opacity = 1, dash }) => {
      const stroke = { stroke: colour, 'stroke-width': Math.max(2, width), opacity };
      const key = line([x, at[1] - 4], [x + 20, at[1] - 4], {
        ...stroke,
        ...(dash ? { 'stroke-dasharray': dash } : {}),
      });
      const words = label([x + 26, at[1]], name, { 'font-size': TEXT, fill: INK.muted });
      x += 26 + textWidth(name, TEXT) + 18;
      return key + words;
    })
    .join('');
}

function yAxis({ y, yName }: Panel, frame: Box, place: (at: Point) => Point): string {
  const right = frame.left + frame.width;
  const rows = y.ticks.map((tick, i) => {
    const height = place([0, tick])[1];
    const grid = line([frame.left, height], [right, height], { stroke: INK.grid, 'stroke-width': 1 });
    const words = { 'font-size': TEXT, fill: INK.muted, 'text-anchor': 'end' };
    return grid + label([frame.left - 8, height + 4], y.labels[i], words);
  });
  const middle = frame.top + frame.height / 2;
  const turned = {
    'font-size': TEXT,
    fill: INK.muted,
    'text-anchor': 'middle',
    transform: `rotate(-90 ${frame.left - 46} ${middle})`,
  };
  return rows.join('') + label([frame.left - 46, middle], yName + unitSuffix(y.unit), turned);
}

function xAxis({ x, xName }: Panel, frame: Box, place: (at: Point) => Point): string {
  const bottom = frame.top + frame.height;
  const base = line([frame.left, bottom], [frame.left + frame.width, bottom], {
    stroke: INK.axis,
    'stroke-width': 1.2,
  });
  const words = { 'font-size': TEXT, fill: INK.muted, 'text-anchor': 'middle' };
  const ticks = x.ticks.map((tick, i) => {
    const across = place([tick, 0])[0];
    const dash = line([across, bottom], [across, bottom + 5], { stroke: INK.axis, 'stroke-width': 1.2 });
    return dash + label([across, bottom + 19], x.labels[i], words);
  });
  return (
    base +
    ticks.join('') +
    label([frame.left + frame.width / 2, bottom + 37], xName + unitSuffix(x.unit), words)
  );
}

function drawMark({ x, y, colour, note }: Mark, place: (at: Point) => Point, frame: Box): string {
  const [across, height] = place([x, y ?? 0]);
  const stem = line([across, frame.top], [across, frame.top + frame.height], {
    stroke: colour,
    'stroke-width': 1,
    'stroke-dasharray': '2 3',
  });
  const ring =
    y === undefined
      ? ''
      : element('circle', {
          cx: across,
          cy: height,
          r: 5.5,
          fill: 'none',
          stroke: colour,
          'stroke-width': 2,
        });
  return (
    stem +
    ring +
    (note === undefined
      ? ''
      : noteAt(note, across, frame, y === undefined ? frame.top + 12 : frame.top + frame.height - 10))
  );
}

/** The note stands on the side of the mark that has room. */
function noteAt(note: string, across: number, frame: Box, height: number): string {
  const right = across + 9 + textWidth(note, TEXT) < frame.left + frame.width;
  const halo = { stroke: INK.paper, 'stroke-width': 4, 'stroke-linejoin': 'round', 'paint-order': 'stroke' };
  const words = { 'font-size': TEXT, fill: INK.text, 'text-anchor': right ? 'start' : 'end', ...halo };
  return label([across + (right ? 9 : -9), height], note, words);
}

function emptyNote({ nothing }: Panel, frame: Box): string {
  const centre: Point = [frame.left + frame.width / 2, frame.top + frame.height / 2];
  return label(centre, nothing ?? 'nothing yet', {
    'font-size': TEXT,
    fill: INK.axis,
    'text-anchor': 'middle',
  });
}
