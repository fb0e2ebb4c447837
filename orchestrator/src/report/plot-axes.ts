/**
 * The axes of a diagram: grid, ticks, labels, names with units.
 * In: a frame, a name. Out: SVG.
 */
import { unitSuffix } from './nice-ticks.js';
import { INK } from './palette.js';
import { type Frame, placeX, placeY, TEXT } from './plot-frame.js';
import { label, line } from './svg.js';

const WORDS = { 'font-size': TEXT, fill: INK.muted };
const CENTRED = { ...WORDS, 'text-anchor': 'middle' };
const STROKE = { stroke: INK.axis, 'stroke-width': 1.2 };

export function xAxis(frame: Frame, name: string): string {
  const { left, right, bottom, x } = frame;
  const ticks = x.ticks.map((tick, i) => {
    const across = placeX(frame, tick);
    return (
      line([across, bottom], [across, bottom + 5], STROKE) +
      label([across, bottom + 19], x.labels[i], CENTRED)
    );
  });
  const base = line([left, bottom], [right, bottom], STROKE);
  return base + ticks.join('') + label([(left + right) / 2, bottom + 37], name + unitSuffix(x.unit), CENTRED);
}

export function yAxis(frame: Frame, name: string): string {
  const { left, right, top, bottom, y } = frame;
  const rows = y.ticks.map((tick, i) => {
    const height = placeY(frame, tick);
    const grid = line([left, height], [right, height], { stroke: INK.grid, 'stroke-width': 1 });
    return grid + label([left - 8, height + 4], y.labels[i], { ...WORDS, 'text-anchor': 'end' });
  });
  const [across, middle] = [left - 46, (top + bottom) / 2];
  const turned = { ...CENTRED, transform: `rotate(-90 ${across} ${middle})` };
  return rows.join('') + label([across, middle], name + unitSuffix(y.unit), turned);
}
