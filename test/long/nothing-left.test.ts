/**
 * 3 workers × 200 steps leave no process, port, timer or tensor. Processes, threads and temp files are also
 * looked for after every other test (test/support/leak-check.ts).
 */
import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { processesOf } from '../support/run-processes.js';
import { tempFolder } from '../support/temp-folder.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { logOf, metricsOf, SKEWED_TRAIN, SKEWED_VAL, submitJob } from '../support/trained-run.js';

/** Embedding, attention (tanh, score, gate) and classifier: weights and biases. */
const PARAMETER_TENSORS = 9;
const STEPS_PER_EPOCH = 8;

describe('after 3 workers × 200 steps', function () {
  this.timeout(120_000);
  const temp = tempFolder();

  it('no port listens, no process runs, and each worker holds its parameters and no other tensor', async () => {
    const port = await freePort();
    const { path } = await writeTinyDataset(
      join(temp.path, 'data'),
      { train: SKEWED_TRAIN, val: SKEWED_VAL },
      8,
    );
    const run = await submitJob(join(temp.path, 'runs'), path, {
      'fleet.workers': 3,
      'fleet.port': port,
      'model.hidden': 16,
      'train.batch': 6,
      'train.epochs': 200 / STEPS_PER_EPOCH,
    });
    assert.equal(run.code, 0, run.stderr);
    assert.equal(metricsOf(run).filter(({ kind }) => kind === 'step').length, 200);
    for (const worker of ['w0', 'w1', 'w2']) {
      const [, alive] = /finished step 200; (\d+) tensors alive/.exec(logOf(run, worker)) ?? [];
      assert.ok(Number(alive) <= PARAMETER_TENSORS, `${worker} has ${alive} tensors`);
    }
    assert.deepEqual(processesOf(run.status.run), []);
    await listenOn(port); // throws if anything still does
  });
});

function freePort(): Promise<number> {
  return listenOn(0);
}

/** Listens for a moment; resolves with the port. */
function listenOn(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const { port: bound } = server.address() as AddressInfo;
      server.close(() => resolve(bound));
    });
  });
}
