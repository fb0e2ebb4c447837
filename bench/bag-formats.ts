/**
 * How long a bag takes from its file's bytes in memory to the arrays that engines compute on, per format.
 *   npx tsx bench/bag-formats.ts [--instances 20000] [--features 1024] [--runs 7] [--json]
 * float32 and float16 features, made up, in HDF5 with coordinates; the formats take turns, after one round that does
 * not count. Beside each time stands the longest piece of it in which the thread did nothing else (heartbeats wait for
 * that).
 * Out: a table (or JSON) of medians in milliseconds.
 */
import { cpus, loadavg } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { requireFormat } from '@bagfleet/worker/data/formats/bag-formats';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { madeUpHdf5Bag } from '../test/support/made-up-hdf5.js';
import { madeUpNpy } from '../test/support/made-up-npy.js';
import { safetensorsOf } from '../test/support/made-up-safetensors.js';
import { madeUpTorch, tensor } from '../test/support/made-up-torch.js';
import { madeUpZip } from '../test/support/made-up-zip.js';

const { values } = parseArgs({
  options: {
    instances: { type: 'string', default: '20000' },
    features: { type: 'string', default: '1024' },
    runs: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
  },
});
const [instances, features, runs] = [values.instances, values.features, values.runs].map(Number);
if (![instances, features, runs].every((number) => Number.isInteger(number) && number >= 1))
  throw new Error('--instances, --features and --runs take whole numbers from 1');

const shape = [instances, features];
const count = instances * features;
const halves = Uint16Array.from({ length: count }, (_, i) => 0x3000 + ((i * 7919) % 0x1000));
const floats = Float32Array.from({ length: count }, (_, i) => Math.fround(Math.sin(i)));
const bytesOf = ({ buffer }: Uint16Array | Float32Array) => new Uint8Array(buffer);

const files = [
  ...filesOf('float32', bytesOf(floats), '<f4', 'F32', 'FloatStorage'),
  ...filesOf('float16', bytesOf(halves), '<f2', 'F16', 'HalfStorage'),
];
const took = new Map(files.map(({ name }) => [name, [] as { wall: number; turn: number }[]]));
for (let run = 0; run <= runs; run++)
  for (const { name, key, bytes } of files) {
    const measured = await timed(key, bytes);
    if (run > 0) took.get(name)?.push(measured);
  }
print();

function filesOf(
  type: 'float16' | 'float32',
  data: Uint8Array,
  descr: string,
  dtype: string,
  storage: string,
) {
  const npy = madeUpNpy(descr, shape, data);
  const part = { name: 'features.npy', content: npy };
  const described = tensor({ storage, count, shape, strides: [features, 1] });
  return [
    { name: `npy ${type}`, key: 'b.npy', bytes: npy },
    { name: `npz ${type}`, key: 'b.npz', bytes: madeUpZip([part]) },
    { name: `npz ${type}, compressed`, key: 'b.npz', bytes: madeUpZip([{ ...part, deflate: true }]) },
    {
      name: `safetensors ${type}`,
      key: 'b.safetensors',
      bytes: safetensorsOf({ features: { dtype, shape, values: data } }),
    },
    { name: `hdf5 ${type}`, key: 'b.h5', bytes: madeUpHdf5Bag({ type, shape, values: data }) },
    { name: `torch ${type}`, key: 'b.pt', bytes: madeUpTorch(described, { 0: data }) },
  ];
}

async function timed(key: string, bytes: Uint8Array): Promise<{ wall: number; turn: number }> {
  const file = { bag: 'b', file: key };
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begin = performance.now();
  const { decode } = await requireFormat(file).open(bytesInMemory(bytes), file);
  await decode();
  const wall = performance.now() - begin;
  await new Promise((resolve) => setTimeout(resolve, 5)); // so that the monitor sees the last piece, too
  delay.disable();
  return { wall, turn: delay.max / 1e6 };
}

function print(): void {
  const rows = [...took].map(([name, list]) => ({
    name,
    milliseconds: median(list.map(({ wall }) => wall)),
    longestTurn: median(list.map(({ turn }) => turn)),
  }));
  if (values.json) {
    console.log(JSON.stringify({ instances, features, runs, rows }));
    return;
  }
  const load = `load ${loadavg()[0].toFixed(1)} on ${cpus().length} cores`;
  console.log(`${instances} x ${features}, median of ${runs}; ${load}`);
  console.log('file                        ms to decode   longest turn, ms');
  for (const { name, milliseconds, longestTurn } of rows)
    console.log(name.padEnd(28) + milliseconds.toFixed(1).padStart(12) + longestTurn.toFixed(1).padStart(19));
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];
}
