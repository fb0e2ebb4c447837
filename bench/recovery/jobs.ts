/**
 * The two jobs that are disturbed. In: a folder for their data. Out: the words of `bagfleet submit`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeTinyDataset } from '../../test/support/tiny-dataset.js';
import { bagfleet } from './fleet.js';

const MNIST_JOB = fileURLToPath(new URL('../../examples/mnist-bags/job.yaml', import.meta.url));

const FEATURES = 1024;
/** 1024 → 17,550, twice 17,550 → 128, 128 → 1 and 17,550 → 1: 22,499,484 parameters. */
const HIDDEN = 17_550;
/** 150 to 250 instances; in batches of 8 it takes 20 steps to an epoch, and so to a checkpoint. */
const LARGE_BAGS = Array.from({ length: 160 }, (_, number) => 150 + ((number * 37) % 101));

/** Runs are ended by the bench; a worker that is lost again and again is started again at once each time. */
const FOR_EVER: readonly string[] = [
  'train.epochs=1000000',
  'fleet.restarts=1000',
  'fleet.restartBackoff=0.001',
];

/** MNIST-bags as in examples/: about 10 digits of 28 × 28 a bag, 8 bags a step, one-thread workers. */
export function mnistJob(folder: string, workers: number): string[] {
  const to = join(folder, 'mnist-bags');
  const { manifest } = JSON.parse(bagfleet(['data', 'demo', '--to', to, '--test-bags', '10', '--json']));
  return [MNIST_JOB, ...setting([`data.manifest=${manifest}`, `fleet.workers=${workers}`, ...FOR_EVER])];
}

/** Gated ABMIL of 22.5 M parameters on bags of about 200 instances. */
export async function largeJob(folder: string, workers: number, batch: number): Promise<string[]> {
  const { path } = await writeTinyDataset(join(folder, 'large-bags'), { train: LARGE_BAGS }, FEATURES);
  const file = join(folder, 'large.json');
  const job = {
    name: 'large',
    data: { manifest: path },
    model: { name: 'abmil', hidden: HIDDEN, attention: 128, gated: true },
    train: { batch, optimizer: { name: 'adam', rate: 1e-4 } },
    // Says nothing of how fast a killed worker is missed: its stream ends at once. But initial values of so many
    // parameters are drawn on the thread that also sends heartbeats, in seconds when the machine is busy.
    fleet: { workers, threadsPerWorker: 1, heartbeatTimeout: 30 },
  };
  writeFileSync(file, JSON.stringify(job));
  return [file, ...setting(FOR_EVER)];
}

function setting(fields: readonly string[]): string[] {
  return fields.flatMap((field) => ['--set', field]);
}
