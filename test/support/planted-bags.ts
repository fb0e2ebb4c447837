/**
 * A learnable dataset for every model: bags of instances on a grid, and in every second bag a patch of the grid whose
 * instances lie off in one direction. As tiles the same is drawn as bright squares.
 * In: how many bags. Out: bags in memory, with coordinates, instance labels and the edges of the grid.
 */
import { CounterRng, type Split } from '@bagfleet/proto';
import type { Bag } from '@bagfleet/worker/data/bag';
import { bagOfValues } from './made-up-bag.js';

export const PLANTED_FEATURES = 8;
export const PLANTED_TILE = [16, 16, 1] as const;
/** Side of a grid cell in the unit of coordinates. */
const CELL = 256;

export interface PlantedSettings {
  readonly tiles: boolean;
  /** Labels that have nothing to do with the instances. */
  readonly shuffled?: boolean;
}

export interface PlantedBag {
  readonly bag: Bag & { readonly instanceLabels: Int32Array<SharedArrayBuffer> };
  readonly label: number;
}

export function plantedBags(split: Split, count: number, settings: PlantedSettings): PlantedBag[] {
  return Array.from({ length: count }, (_, place) => plantedBag(`${split}-${place}`, place, settings));
}

function plantedBag(id: string, place: number, { tiles, shuffled = false }: PlantedSettings): PlantedBag {
  const rng = new CounterRng(5, ['planted', id]);
  const side = tiles ? 4 : 3 + (rng.uint32(1)[0] % 4); // 9 to 36 instances
  const cells = plantedCells(side, place % 2 === 1, rng);
  const bag = tiles
    ? bagOfValues(id, drawn(cells, rng), PLANTED_TILE)
    : bagOfValues(id, shifted(cells, rng), [PLANTED_FEATURES]);
  const coords = Float32Array.from({ length: 2 * cells.length }, (_, i) => CELL * xy(i >> 1, side)[i % 2]);
  return {
    bag: {
      ...bag,
      coords: shared(coords),
      instanceLabels: sharedInts(cells),
      edges: sharedInts(gridEdges(side)),
    },
    label: shuffled ? (place >> 1) % 2 : place % 2,
  };
}

function xy(cell: number, side: number): [number, number] {
  return [cell % side, Math.floor(cell / side)];
}

/** [side²], 1 inside the patch, whose side is half of the grid's. */
function plantedCells(side: number, positive: boolean, rng: CounterRng): Uint8Array {
  const cells = new Uint8Array(side * side);
  const patch = Math.ceil(side / 2);
  const [left, top] = [...rng.uint32(2)].map((draw) => draw % (side - patch + 1));
  if (!positive) return cells;
  for (let y = top; y < top + patch; y++) for (let x = left; x < left + patch; x++) cells[y * side + x] = 1;
  return cells;
}

/** [n, features]: noise, and 2.5 more in the first two features of planted instances. */
function shifted(planted: Uint8Array, rng: CounterRng): Float32Array {
  const noise = rng.normal(planted.length * PLANTED_FEATURES);
  return Float32Array.from(noise, (value, i) => {
    const [instance, feature] = [Math.floor(i / PLANTED_FEATURES), i % PLANTED_FEATURES];
    return value + (planted[instance] === 1 && feature < 2 ? 2.5 : 0);
  });
}

/** [n, 16, 16, 1]: noise, and a bright square in the middle of planted tiles. */
function drawn(planted: Uint8Array, rng: CounterRng): Float32Array {
  const [height, width] = PLANTED_TILE;
  const noise = rng.uniform(planted.length * height * width);
  return Float32Array.from(noise, (value, i) => {
    const instance = Math.floor(i / (height * width));
    const [y, x] = [Math.floor(i / width) % height, i % width];
    const inSquare = y >= 5 && y < 11 && x >= 5 && x < 11;
    return 0.5 * value + (planted[instance] === 1 && inSquare ? 0.5 : 0);
  });
}

/** [2, edges]: to the up to 8 cells around each. */
function gridEdges(side: number): Int32Array {
  const pairs = Array.from({ length: side ** 4 }, (_, i) => [Math.floor(i / side ** 2), i % side ** 2]);
  const near = pairs.filter(([a, b]) => {
    const [[ax, ay], [bx, by]] = [xy(a, side), xy(b, side)];
    return a !== b && Math.max(Math.abs(ax - bx), Math.abs(ay - by)) === 1;
  });
  return Int32Array.from([...near.map(([, source]) => source), ...near.map(([target]) => target)]);
}

function shared(values: Float32Array): Float32Array<SharedArrayBuffer> {
  const copy = new Float32Array(new SharedArrayBuffer(values.length * 4));
  copy.set(values);
  return copy;
}

function sharedInts(values: ArrayLike<number>): Int32Array<SharedArrayBuffer> {
  const copy = new Int32Array(new SharedArrayBuffer(values.length * 4));
  copy.set(values);
  return copy;
}
