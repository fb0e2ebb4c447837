/**
 * What sampling and augmentation cost on the compute thread, per bag, beside what an epoch's step takes on it anyway.
 * In: nothing. Out: a table of milliseconds (median of 9) and CPU milliseconds.
 */
import { CounterRng } from '@bagfleet/proto';
import { dataSchema, type WrittenData } from '@bagfleet/proto/data-spec';
import { makeInstanceRules } from '@bagfleet/worker/data/instances/instance-rules';
import { prepareInstances } from '@bagfleet/worker/data/instances/prepare-instances';
import type { SampledBag } from '@bagfleet/worker/data/instances/samplers/sampler';
import { median } from './recovery/figures.js';

const ROUNDS = 9;
const OWN_SAMPLER = `module.exports = ({ instances, bagSize, random }) => {
  const rank = random(instances);
  return [...rank.keys()].sort((a, b) => rank[a] - rank[b]).slice(0, bagSize);
};`;

type Written = Omit<WrittenData, 'manifest'>;

/** Features of a slide: float16, [instances, 1024], on a square of tiles. */
function slide(instances: number): SampledBag {
  const features = new Uint16Array(new SharedArrayBuffer(instances * 1024 * 2));
  features.set(new CounterRng(1, ['bench']).uint32(features.length).map((bits) => bits % 0x3c00)); // 0 … 1
  const coords = new Float32Array(new SharedArrayBuffer(8 * instances));
  const side = Math.ceil(Math.sqrt(instances));
  for (let i = 0; i < instances; i++) coords.set([256 * (i % side), 256 * Math.floor(i / side)], 2 * i);
  const rest = { coords, instanceLabels: null, edges: null, slides: [0, instances] };
  return { instances, instanceShape: [1024], type: 'float16', features, ...rest };
}

/** Tiles: uint8, [instances, 128, 128, 3]. */
function tiles(instances: number): SampledBag {
  const features = new Uint8Array(new SharedArrayBuffer(instances * 128 * 128 * 3));
  features.set(new CounterRng(1, ['bench']).uint32(features.length).map((bits) => bits % 256));
  const rest = { coords: null, instanceLabels: null, edges: null, slides: [0, instances] };
  return { instances, instanceShape: [128, 128, 3], type: 'uint8', features, ...rest };
}

const LARGE = slide(20_000);
const USUAL = slide(2_000);
const PANDA = tiles(16);
const JITTER = { brightness: 0.1, contrast: 0.1, saturation: 0.1, hue: 0.05 };
const CASES: readonly (readonly [string, SampledBag, Written])[] = [
  ['20,000 × 1,024 float16, all', LARGE, {}],
  ['  random, 1,024', LARGE, { sampler: { kind: 'random' } }],
  ['  region, 1,024', LARGE, { sampler: { kind: 'region' } }],
  ['  grid, 1,024', LARGE, { sampler: { kind: 'grid' } }],
  ['  custom, 1,024', LARGE, { sampler: { kind: 'custom', source: OWN_SAMPLER } }],
  ['2,000 × 1,024 float16, all', USUAL, {}],
  ['  instance dropout', USUAL, { augment: { instanceDropout: 0.2 } }],
  ['  feature noise', USUAL, { augment: { featureNoise: 0.1 } }],
  ['16 × 128 × 128 × 3 uint8, all', PANDA, {}],
  [
    '  crop, flips, quarter rotations',
    PANDA,
    { crop: 112, augment: { flips: true, quarterRotations: true } },
  ],
  ['  colour jitter', PANDA, { augment: { colorJitter: JITTER } }],
  ['  tissue, 8', PANDA, { sampler: { kind: 'tissue', bagSize: 8 } }],
];

console.log('bag'.padEnd(36), 'ms'.padStart(8), 'CPU ms'.padStart(8));
for (const [name, bag, written] of CASES) {
  const rules = makeInstanceRules(dataSchema.parse({ manifest: 'm', ...written }), bag.instanceShape);
  const times: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage();
    const begun = performance.now();
    prepareInstances(bag, rules, { seed: 1, epoch: round + 1, bag: 'bench', repeat: 0 });
    const { user, system } = process.cpuUsage(before);
    if (round > 0) times.push(performance.now() - begun);
    if (round > 0) cpu.push((user + system) / 1000);
  }
  console.log(name.padEnd(36), median(times).toFixed(1).padStart(8), median(cpu).toFixed(1).padStart(8));
}
