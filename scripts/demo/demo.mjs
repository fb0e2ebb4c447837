// `npm run demo`: sets the clone up, makes MNIST-bags, trains on them with several worker processes, scores the
// best checkpoint on test bags and draws what the model looks at. Every step is a bagfleet command that is shown.
// In: --workers N, --seed S, --store s3|FOLDER|s3://…, --json. Out: a test score, or one JSON object on stdout.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { demoOptions } from './demo-options.mjs';
import { demoPlaces } from './demo-places.mjs';
import { bagfleet } from './run-bagfleet.mjs';
import { setUp } from './set-up.mjs';

const CLONE = fileURLToPath(new URL('../../', import.meta.url));
const JOB = 'examples/mnist-bags/job.yaml';

const options = demoOptions(process.argv.slice(2));
await setUp(CLONE);
const began = performance.now();
const places = await demoPlaces(CLONE, options);
try {
  await demonstrate();
} finally {
  await places.close();
}

async function demonstrate() {
  const { seed, workers, json } = options;
  const run = (words) => bagfleet(CLONE, words, { env: places.env, json });
  const data = await run(['data', 'demo', '--to', places.data, '--seed', seed, ...places.flags]);
  const store = ['--store', places.runs, ...places.flags];
  const manifest = `data.manifest=${data.manifest}`;
  const submitted = await run([
    'submit',
    JOB,
    '--workers',
    workers,
    '--seed',
    seed,
    ...store,
    '--set',
    manifest,
  ]);
  const scored = await run(['evaluate', submitted.run, '--split', 'test', ...store]);
  const picture = join(CLONE, '.bagfleet', 'demo', 'attention.png');
  await run(['picture', submitted.run, '--out', picture, ...store]);
  tell({ data, submitted, scored, picture });
}

function tell({ data, submitted, scored, picture }) {
  const { testBags, testPositives, trainBags } = data;
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  const { auc } = scored.metrics;
  const result = {
    auc,
    trainBags,
    testBags,
    testPositives,
    workers: options.workers,
    seed: options.seed,
    backend: scored.backend,
    run: submitted.run,
    checkpoint: scored.checkpoint,
    sha256: scored.sha256,
    picture,
    seconds,
  };
  if (options.json) return console.log(JSON.stringify(result));
  console.log(`
Test AUC ${auc.toFixed(4)} on ${testBags} bags (${testPositives} hold a 9), after training on ${trainBags} bags
with ${options.workers} workers in ${seconds} s (${scored.backend}).
  checkpoint  ${scored.checkpoint}
  sha256      ${scored.sha256}  model.safetensors: the same for any number of workers
  picture     ${picture}`);
}
