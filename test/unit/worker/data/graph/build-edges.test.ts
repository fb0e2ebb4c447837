/** Graphs from coordinates, each way against a plain twin that compares all pairs. */
import assert from 'node:assert/strict';
import type { GraphSpec } from '@bagfleet/proto/graph-spec';
import { buildEdges } from '@bagfleet/worker/data/graph/build-edges';
import { tileStep } from '@bagfleet/worker/data/graph/tile-step';
import fc from 'fast-check';
import { bagRefusal } from '../../../../support/bag-refusal.js';

const file = { bag: 'b7', file: 'bags/b7.npz' };
const graph = (spec: Partial<GraphSpec>): GraphSpec => ({
  kind: 'grid',
  k: 8,
  radius: 512,
  step: null,
  ...spec,
});
type Point = readonly [x: number, y: number];

async function edgesOf(points: readonly Point[], spec: Partial<GraphSpec>, slides = [0, points.length]) {
  const edges = await buildEdges({ coords: Float32Array.from(points.flat()), slides }, graph(spec), file);
  assert.ok(edges.buffer instanceof SharedArrayBuffer);
  const count = edges.length / 2;
  return Array.from({ length: count }, (_, i) => [edges[i], edges[count + i]]);
}

/** The twin: for each target all others that `choose` leaves, in its order. */
function plainEdges(
  points: readonly Point[],
  choose: (others: { index: number; dx: number; dy: number }[]) => { index: number }[],
) {
  return points.flatMap(([x, y], target) => {
    const others = points
      .map(([ox, oy], index) => ({ index, dx: ox - x, dy: oy - y }))
      .filter(({ index }) => index !== target);
    return choose(others).map(({ index }) => [index, target]);
  });
}

const square = ({ dx, dy }: { dx: number; dy: number }) => dx * dx + dy * dy;

/** Many ties, equal places, lines, outliers, and places between. */
const somePoints = fc.oneof(
  fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 60 }),
  fc.array(fc.tuple(fc.nat(40), fc.constant(3)), { maxLength: 40 }),
  fc.array(fc.tuple(fc.nat(100_000), fc.nat(3000)), { maxLength: 40 }),
  fc
    .array(fc.tuple(fc.integer({ min: -800, max: 800 }), fc.nat(8)), { maxLength: 40 })
    .map((points) => points.map(([x, y]): Point => [x / 8, y / 8])),
);

describe('edges from coordinates', () => {
  it('knn: the nearest, ties by index', () =>
    fc.assert(
      fc.asyncProperty(somePoints, fc.integer({ min: 1, max: 12 }), async (points, k) => {
        const nearestOf = (others: { index: number; dx: number; dy: number }[]) =>
          others.sort((a, b) => square(a) - square(b) || a.index - b.index).slice(0, k);
        assert.deepEqual(await edgesOf(points, { kind: 'knn', k }), plainEdges(points, nearestOf));
      }),
      { numRuns: 300 },
    ));

  it('radius: all within, the bound included', () =>
    fc.assert(
      fc.asyncProperty(somePoints, fc.constantFrom(0.125, 1, 2, 5, 700), async (points, radius) => {
        const near = (others: { index: number; dx: number; dy: number }[]) =>
          others.filter((other) => square(other) <= radius * radius);
        assert.deepEqual(await edgesOf(points, { kind: 'radius', radius }), plainEdges(points, near));
      }),
      { numRuns: 300 },
    ));

  it('grid: the tiles around each tile, on the whole grid or parts of it', () => {
    const tiles = fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(9)), {
      selector: ([x, y]) => 10 * x + y,
      maxLength: 60,
    });
    return fc.assert(
      fc.asyncProperty(tiles, fc.constantFrom(1, 224, 512), async (cells, step) => {
        const points = cells.map(([x, y]): Point => [1000 + x * step, 70 + y * step]);
        const around = (others: { index: number; dx: number; dy: number }[]) =>
          others.filter(({ dx, dy }) => Math.max(Math.abs(dx), Math.abs(dy)) <= step);
        assert.deepEqual(await edgesOf(points, { step }), plainEdges(points, around));
      }),
      { numRuns: 300 },
    );
  });

  it('grid: finds the step on the slide, also where pieces of tissue have grids of their own', async () => {
    const piece = (x: number, y: number, side: number) =>
      Array.from(
        { length: side * side },
        (_, i): Point => [x + 256 * (i % side), y + 256 * Math.floor(i / side)],
      );
    const points = [...piece(0, 0, 4), ...piece(5003, 17, 3)];
    assert.deepEqual(tileStep({ coords: points.flat(), count: points.length }), { x: 256, y: 256 });
    const edges = await edgesOf(points, {});
    assert.deepEqual(edges, await edgesOf(points, { step: 256 }));
    assert.equal(edges.filter(([, target]) => target === 5).length, 8);
    assert.equal(edges.filter(([, target]) => target === 0).length, 3);
    assert.equal(edges.length, 2 * (2 * 4 * 3 + 2 * 3 * 3) + 2 * (2 * 3 * 2 + 2 * 2 * 2));
  });

  it('grid: no edges where no two tiles share a row or a column', async () => {
    assert.deepEqual(await edgesOf([[0, 0]], {}), []);
    assert.deepEqual(
      await edgesOf(
        [
          [0, 0],
          [7, 9],
        ],
        {},
      ),
      [],
    );
  });

  it('joins no instances of different slides', async () => {
    const points: Point[] = [
      [0, 0],
      [1, 0],
      [0, 0],
      [1, 0],
    ];
    const apart = [
      [1, 0],
      [0, 1],
      [3, 2],
      [2, 3],
    ];
    for (const kind of ['grid', 'knn', 'radius'] as const)
      assert.deepEqual(await edgesOf(points, { kind }, [0, 2, 4]), apart);
  });

  it('refuses a radius that makes everyone everyone’s neighbour, and stops when it is told to', async () => {
    const coords = new Float32Array(2 * 1100);
    const placed = { coords, slides: [0, 1100] };
    const error = await bagRefusal(() => buildEdges(placed, graph({ kind: 'radius' }), file), file);
    assert.match(error.message, /instance 0 has 1099 neighbours/);
    const stopped = AbortSignal.abort(new Error('enough'));
    await assert.rejects(buildEdges(placed, graph({ kind: 'knn' }), file, stopped));
  });
});
