/**
 * The scale of the frames: colour beside attention weight.
 * In: place, the weight of the darkest colour. Out: SVG, 40 px high.
 */
import { ticksWithin, unitSuffix } from './nice-ticks.js';
import { heatColour, INK } from './palette.js';
import { element, label, line } from './svg.js';
import { textWidth } from './text-width.js';

const LENGTH = 260;
const STOPS = 16;

export function attentionLegend(left: number, top: number, largest: number): string {
  const axis = ticksWithin(0, largest, 4);
  const name = `attention weight${unitSuffix(axis.unit)}`;
  const start = left + textWidth(name, 12) + 14;
  const stops = Array.from({ length: STOPS + 1 }, (_, i) =>
    element('stop', { offset: `${(100 * i) / STOPS}%`, 'stop-color': heatColour(i / STOPS) }),
  );
  const ticks = axis.ticks.map((tick, i) => {
    const across = start + (tick / largest) * LENGTH;
    const words = { 'font-size': 11, fill: INK.muted, 'text-anchor': 'middle' };
    return (
      line([across, top + 14], [across, top + 18], { stroke: INK.axis }) +
      label([across, top + 30], axis.labels[i], words)
    );
  });
  return [
    element('linearGradient', { id: 'attention' }, ...stops),
    label([left, top + 12], name, { 'font-size': 12, fill: INK.muted }),
    element('rect', { x: start, y: top, width: LENGTH, height: 14, rx: 2, fill: 'url(#attention)' }),
    ...ticks,
  ].join('');
}
