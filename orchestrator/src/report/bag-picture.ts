/**
 * What a model looks at: each instance of a bag, framed by the colour of its attention weight.
 * In: one or more bags with their tiles, weights and prediction. Out: one SVG, or its PNG, the bags stacked.
 */
import { attentionLegend } from './attention-legend.js';
import { heatColour, INK } from './palette.js';
import { element, label, svgDocument } from './svg.js';
import { svgToPng } from './svg-to-png.js';
import { cellOf, columnsIn, FRAME, GAP, renderingAt, shownSize } from './tile-cell.js';
import { instancesOf, rangeOf, type Tiles, tileUri } from './tile-image.js';

export interface PicturedBag {
  readonly id: string;
  /** Name of the true class, such as `positive`. */
  readonly truth: string;
  /** Probability of class 1 for two classes, else of the class that was called. */
  readonly predicted: number;
  /** Name of the class that was called, where it is not plain from `predicted`. */
  readonly called?: string;
  readonly tiles: Tiles;
  /** One weight per instance, sum 1; null for a model without attention. */
  readonly attention: ArrayLike<number> | null;
}

export interface PictureOptions {
  /** px at most; as many tiles stand in a row as fit. */
  readonly width?: number;
  /** Of a larger bag only the instances of the largest weights are drawn. */
  readonly maxTiles?: number;
}

const EDGE = 28;
const HEAD = 58;
const MIN_WIDTH = 520;
const FOOT = 64;

export function bagPicturePng(bags: readonly PicturedBag[], options: PictureOptions = {}): Buffer {
  return svgToPng(bagPictureSvg(bags, options), 2);
}

export function bagPictureSvg(
  bags: readonly PicturedBag[],
  { width = 1142, maxTiles = 60 }: PictureOptions = {},
): string {
  const views = bags.map((bag) => viewOf(bag, maxTiles));
  const largest = Math.max(0, ...views.flatMap(({ shown }) => shown.map(({ weight }) => weight ?? 0)));
  const columns = (view: View) =>
    Math.min(Math.max(1, view.shown.length), columnsIn(width - 2 * EDGE, cellOf(view.bag.tiles)));
  let top = EDGE - 4;
  const drawn = views.map((view) => {
    const { svg, height } = drawBag(view, { top, columns: columns(view), largest });
    top += height;
    return svg;
  });
  const used = views.map((view) => 2 * EDGE - GAP + columns(view) * cellOf(view.bag.tiles).width);
  const legend = largest > 0 ? attentionLegend(EDGE, top + 6, largest) : '';
  return svgDocument(
    Math.max(MIN_WIDTH, ...used),
    top + (largest > 0 ? FOOT : 10),
    INK.paper,
    ...drawn,
    legend,
  );
}

interface View {
  readonly bag: PicturedBag;
  readonly instances: number;
  readonly shown: readonly { readonly instance: number; readonly weight: number | null }[];
}

/** All instances in the bag's order, or of a large bag those of the largest weights, largest first. */
function viewOf(bag: PicturedBag, maxTiles: number): View {
  const instances = instancesOf(bag.tiles);
  const all = Array.from({ length: instances }, (_, instance) => ({
    instance,
    weight: bag.attention?.[instance] ?? null,
  }));
  const shown =
    instances <= maxTiles ? all : all.sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0)).slice(0, maxTiles);
  return { bag, instances, shown };
}

interface Place {
  readonly top: number;
  readonly columns: number;
  /** The weight that has the darkest frame: the largest of all bags, so that their frames compare. */
  readonly largest: number;
}

function drawBag(
  { bag, instances, shown }: View,
  { top, columns, largest }: Place,
): { svg: string; height: number } {
  const { factor, ...size } = shownSize(bag.tiles);
  const cell = cellOf(bag.tiles);
  const range = rangeOf(bag.tiles);
  const tiles = shown.map(({ instance, weight }, i) => {
    const left = EDGE + (i % columns) * cell.width;
    const above = top + HEAD + Math.floor(i / columns) * cell.height;
    const href = tileUri(bag.tiles, instance, range);
    const image = {
      x: left + FRAME,
      y: above + FRAME,
      ...size,
      href,
      'image-rendering': renderingAt(factor),
    };
    const frame = {
      x: left,
      y: above,
      width: size.width + 2 * FRAME,
      height: size.height + 2 * FRAME,
      rx: 4,
    };
    const colour = weight === null || largest === 0 ? INK.grid : heatColour(weight / largest);
    const words = weightLabel(weight, largest, [
      left + FRAME + size.width / 2,
      above + size.height + 2 * FRAME + 17,
    ]);
    return element('rect', { ...frame, fill: colour }) + element('image', image) + words;
  });
  const title = label([EDGE, top + 20], titleOf(bag), {
    'font-size': 17,
    'font-weight': 'bold',
    fill: INK.text,
  });
  const count = label([EDGE, top + 41], countOf(instances, shown.length, bag.attention !== null), {
    'font-size': 12,
    fill: INK.muted,
  });
  return {
    svg: title + count + tiles.join(''),
    height: HEAD + Math.ceil(shown.length / columns) * cell.height + 10,
  };
}

function titleOf({ id, truth, predicted, called }: PicturedBag): string {
  return `bag ${id}: ${truth}, predicted ${called === undefined ? '' : `${called} `}${predicted.toFixed(3)}`;
}

function countOf(instances: number, shown: number, weighted: boolean): string {
  const all = `${instances} ${instances === 1 ? 'instance' : 'instances'}`;
  if (shown === instances) return all;
  return weighted
    ? `the ${shown} of ${all} with the largest weights, largest first`
    : `the first ${shown} of ${all}`;
}

function weightLabel(weight: number | null, largest: number, at: readonly [number, number]): string {
  if (weight === null || largest === 0) return '';
  const digits = Math.max(3, 2 - Math.floor(Math.log10(largest))); // three digits of the largest
  const content = weight.toFixed(Math.min(9, digits));
  const strong = weight >= largest / 2 ? { 'font-weight': 'bold', fill: INK.text } : { fill: INK.muted };
  return label(at, content, { 'font-size': 12, 'text-anchor': 'middle', ...strong });
}
