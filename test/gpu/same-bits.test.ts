/**
 * On a GPU, too, the bits depend neither on the run nor on how many processes share it: dense layers and convolutions.
 * Runs wherever the driver lists a GPU; elsewhere it says so in one line.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { checkpointFolder } from '@bagfleet/proto';
import { parseGpus } from '@bagfleet/worker/engine/gpus';
import { runCli } from '../support/run-cli.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { digestOf, eventsOf, type FinishedRun, logOf, submitJob } from '../support/trained-run.js';

const SETUP_HINT =
  'TensorFlow does not compute on the GPU that the driver lists: `BAGFLEET_TF=gpu npm run setup`';
const QUERY = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader,nounits'];
const EPOCHS = 2;
const BATCH = 5;
/** All of them on GPU 0: with `gpusPerNode: 1` all workers of a machine share it. */
const FLEETS = { first: 1, again: 1, shared: 2 } as const;

interface Model {
  readonly title: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly writeData: (folder: string) => Promise<string>;
}

const MODELS: readonly Model[] = [
  {
    title: 'dense layers',
    fields: { model: { name: 'abmil', hidden: 96, dropout: 0.25 } },
    writeData: async (folder) => {
      const train = [40, 3, 170, 1, 220, 9, 33, 75, 2, 50, 12, 8, 61];
      return (await writeTinyDataset(folder, { train, val: [20, 5, 90, 1] }, 24)).path;
    },
  },
  {
    title: 'convolutions',
    fields: { model: { name: 'lenet_abmil', hidden: 500, attention: 128 } },
    writeData: async (folder) => {
      const bags = ['--train-bags', '17', '--val-bags', '6', '--test-bags', '4'];
      const { code, stderr } = await runCli(['data', 'demo', '--to', folder, ...bags]);
      assert.equal(code, 0, stderr);
      return join(folder, 'manifest.json');
    },
  },
];

const trouble = whyNoGpu();
if (trouble === null) describe('training on a GPU', trainsOnGpu);
else console.log(`skipped: no GPU found (nvidia-smi: ${trouble})`);

function trainsOnGpu(this: Mocha.Suite): void {
  this.timeout(600_000);
  const temp = tempFolderForAll();

  for (const { title, fields, writeData } of MODELS)
    describe(`with ${title}`, () => {
      const runs = new Map<string, FinishedRun>();

      before('train', async () => {
        const manifest = await writeData(join(temp.path, title, 'data'));
        for (const [name, workers] of Object.entries(FLEETS)) {
          const run = await submitJob(join(temp.path, title, name), manifest, {
            ...fields,
            'fleet.workers': workers,
            'fleet.gpusPerNode': 1,
            'train.epochs': EPOCHS,
            'train.batch': BATCH,
          });
          assert.equal(run.code, 0, run.stderr);
          runs.set(name, run);
        }
      });

      const digest = (name: string) => {
        const run = runs.get(name) as FinishedRun;
        return digestOf(run, `${checkpointFolder(EPOCHS * run.status.steps)}model.safetensors`);
      };

      it('gives the same bits twice', () => {
        assert.equal(digest('again'), digest('first'));
      });

      it('gives the same bits with two processes that share the GPU', () => {
        assert.equal(digest('shared'), digest('first'));
      });

      it('computed on the GPU, with the settings that this needs', () => {
        for (const [name, workers] of Object.entries(FLEETS)) {
          const run = runs.get(name) as FinishedRun;
          const machines = eventsOf(run).filter(({ event }) => event === 'fingerprint');
          assert.equal(machines.length, workers);
          for (const { message } of machines) {
            const { gpus, gpuSettings } = JSON.parse(message) as { gpus: string[]; gpuSettings: object };
            assert.ok(gpus.length > 0, SETUP_HINT);
            assert.deepEqual(gpuSettings, {
              TF_DETERMINISTIC_OPS: '1',
              TF_CUDNN_USE_AUTOTUNE: '0',
              NVIDIA_TF32_OVERRIDE: '0',
            });
          }
          assert.match(logOf(run, 'w0'), /computes with tensorflow .*, on a GPU/);
        }
      });
    });
}

/** null if there is one. */
function whyNoGpu(): string | null {
  const { stdout, stderr, error, status } = spawnSync('nvidia-smi', QUERY, {
    timeout: 10_000,
    encoding: 'utf8',
  });
  if (error) return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'not installed' : error.message;
  if (status !== 0) return `${stdout}${stderr}`.trim().split('\n')[0];
  return parseGpus(stdout).length > 0 ? null : 'it lists none';
}
