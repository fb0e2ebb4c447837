// @ts-check
// `npm run setup`: makes a fresh clone ready to run. Asks nothing, and can be run again at any time.
// In: the clone and the environment (BAGFLEET_CACHE, BAGFLEET_TF). Out: node_modules, dist folders, and
// TensorFlow in the cache folder; nothing else is written anywhere, but by npm into npm's own cache.

import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { setUpNativeTensorflow } from './native-tensorflow.mjs';
import { nodeVersionProblem } from './node-version.mjs';
import { installDependencies } from './npm-dependencies.mjs';

const clone = fileURLToPath(new URL('../..', import.meta.url));

async function setUp() {
  const problem = nodeVersionProblem(process.versions.node);
  if (problem !== undefined) throw new Error(problem);
  await installDependencies(clone);
  await setUpNativeTensorflow(clone);
  await build(clone);
}

setUp().catch((error) => {
  process.stderr.write(`Set-up stopped: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
