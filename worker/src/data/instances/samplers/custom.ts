/**
 * `custom`: a sampler that the user has written, in a file of its own.
 * In: its text, CommonJS with `module.exports = (bag) => indices`. Out: a Sampler.
 *
 * It runs where nothing can make it depend on the machine: no clock, no Math.random, no modules, no network. Chance
 * comes from `bag.random(count)`, which is keyed by seed, epoch and bag (I2).
 */
import { createContext, Script } from 'node:vm';
import { BagfleetError } from '@bagfleet/proto/errors';
import { toFloat32 } from '../to-float32.js';
import { rngOf, type Visit } from '../visit.js';
import { chosenBy } from './chosen-by.js';
import type { SampledBag, Sampler } from './sampler.js';

const USERS = 'user-sampler';
const FIELD = 'job field data.sampler.file';
/** Longer is a loop without end: samplers take milliseconds. */
const TIMEOUT_MS = 30_000;

/** Inside of the sampler's world: what differs from machine to machine, or from moment to moment, is taken away. */
const WITHOUT_CHANCE = `
Math.random = () => { throw new Error('Math.random differs from worker to worker: use bag.random(count)'); };
for (const name of ['Date', 'Intl', 'WeakRef', 'FinalizationRegistry', 'SharedArrayBuffer', 'Atomics', 'WebAssembly'])
  delete globalThis[name];
`;

/** What a user's function is given. */
interface CustomBag {
  readonly id: string;
  readonly epoch: number;
  readonly instances: number;
  /** The most indices that may be chosen. */
  readonly bagSize: number;
  /** [instances, 2], a copy; null where there are none. */
  readonly coords: Float32Array | null;
  /** [instances], a copy; null where there are none. */
  readonly instanceLabels: Int32Array | null;
  /** Where the instances of each slide begin, and their end. */
  readonly slides: readonly number[];
  /** The values of one instance, before data.normalize. */
  readonly features: (instance: number) => Float32Array;
  /** `count` numbers, uniform in [0, 1); others at each call. */
  readonly random: (count: number) => Float64Array;
}

/** @throws BagfleetError `job-invalid` for what is no sampler */
export function customSampler(source: string, bagSize: number): Sampler {
  const world = createContext({ module: { exports: {} } });
  run(WITHOUT_CHANCE, world, 'before');
  run(source, world, USERS);
  if (run('typeof module.exports', world, 'after') !== 'function')
    throw wrongSampler('it exports no function', 'End it with module.exports = (bag) => indices.');
  return (bag, visit) => {
    Object.assign(world, { bag: customBag(bag, visit, bagSize) });
    return chosenBy(run('module.exports(bag)', world, 'call', visit.bag), { ...visit, ...bag, bagSize });
  };
}

/** Errors say the line of the user's own text. */
function run(code: string, world: object, filename: string, bag?: string): unknown {
  try {
    return new Script(code, { filename }).runInContext(world, { timeout: TIMEOUT_MS });
  } catch (thrown) {
    const { message, stack } = thrown as Error;
    const line = new RegExp(`${USERS}:(\\d+)`).exec(stack ?? '')?.[1];
    throw wrongSampler(
      `it fails${bag === undefined ? '' : ` on bag ${bag}`}${line ? ` in line ${line}` : ''}: ${message}`,
      'Mend that file, and submit the job again.',
    );
  }
}

function customBag(bag: SampledBag, visit: Visit, bagSize: number): CustomBag {
  const size = bag.features.length / bag.instances;
  let calls = 0;
  return {
    id: visit.bag,
    epoch: visit.epoch,
    instances: bag.instances,
    bagSize,
    coords: bag.coords && Float32Array.from(bag.coords),
    instanceLabels: bag.instanceLabels && Int32Array.from(bag.instanceLabels),
    slides: [...bag.slides],
    features: (instance) => toFloat32(bag, instance * size, size),
    random: (count) => rngOf(visit, 'custom-sampler', calls++).uniform(count),
  };
}

function wrongSampler(message: string, hint: string): BagfleetError {
  return new BagfleetError('job-invalid', message, { culprit: FIELD, hint });
}
