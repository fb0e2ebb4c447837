/**
 * `grid`: a grid over each slide, and as many instances from each of its cells as from any other, so that a large
 * region does not crowd out a small one. Cells take turns until bagSize are drawn; one that is empty drops out.
 */
import type { CounterRng } from '@bagfleet/proto/counter-rng';
import { rngOf } from '../visit.js';
import { coordsOf, type Sampler } from './sampler.js';

export function gridSampler(bagSize: number, cells: number): Sampler {
  return (bag, visit) => {
    const coords = coordsOf(bag, visit, 'grid'); // [instances, 2]
    if (bag.instances <= bagSize) return null;
    const members = cellsOf(coords, bag.slides, cells);
    const order = rngOf(visit, 'sampler-cells').permutation(members.length);
    const shuffled = shuffledWithin(members, rngOf(visit, 'sampler'), bag.instances);
    return takeTurns(
      Array.from(order, (cell) => shuffled[cell]),
      bagSize,
    );
  };
}

/** Instances of each cell that has any: slide by slide, row by row. */
function cellsOf(coords: Float32Array, slides: readonly number[], cells: number): number[][] {
  const found: number[][] = [];
  for (let slide = 0; slide + 1 < slides.length; slide++) {
    const [first, end] = [slides[slide], slides[slide + 1]];
    const [left, right] = extent(coords, 0, first, end);
    const [top, bottom] = extent(coords, 1, first, end);
    const side = Math.max(right - left, bottom - top) / cells || 1; // of one place only: any side
    const byCell = new Map<number, number[]>();
    for (let i = first; i < end; i++) {
      const column = Math.min(cells - 1, Math.floor((coords[2 * i] - left) / side));
      const row = Math.min(cells - 1, Math.floor((coords[2 * i + 1] - top) / side));
      const members = byCell.get(row * cells + column);
      if (members) members.push(i);
      else byCell.set(row * cells + column, [i]);
    }
    found.push(...[...byCell].sort(([a], [b]) => a - b).map(([, members]) => members));
  }
  return found;
}

function extent(coords: Float32Array, axis: 0 | 1, first: number, end: number): [number, number] {
  let [least, most] = [Infinity, -Infinity];
  for (let i = first; i < end; i++) {
    least = Math.min(least, coords[2 * i + axis]);
    most = Math.max(most, coords[2 * i + axis]);
  }
  return [least, most];
}

/** Each cell in an order of its own, all from one order of the instances. */
function shuffledWithin(members: readonly number[][], rng: CounterRng, instances: number): number[][] {
  const rank = rng.permutation(instances); // [instances]
  return members.map((cell) => [...cell].sort((a, b) => rank[a] - rank[b]));
}

function takeTurns(cells: readonly number[][], count: number): Uint32Array {
  const chosen = new Uint32Array(count);
  let filled = 0;
  for (let turn = 0; filled < count; turn++)
    for (const cell of cells) if (turn < cell.length && filled < count) chosen[filled++] = cell[turn];
  return chosen;
}
