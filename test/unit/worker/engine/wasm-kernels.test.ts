/** Gradients on WebAssembly agree with native TensorFlow's, over random shapes and values. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { bindingPath } from '@bagfleet/worker/engine/backend';
import fc from 'fast-check';
import { BackendThread } from './backend-thread.js';
import { caseNames } from './gradient-cases.mjs';

const RUNS_PER_CASE = 40;
/** Largest difference between entries, relative to the largest entry of that tensor (at least 1). */
const TOLERANCE = 1e-4;

describe('gradients on WebAssembly', function () {
  this.timeout(120_000);
  let wasm: BackendThread;
  let native: BackendThread;

  before(async function () {
    if (!existsSync(bindingPath())) {
      console.log('    skipped: native TensorFlow is not set up here, so there is nothing to compare with');
      return this.skip();
    }
    wasm = await BackendThread.start('wasm');
    native = await BackendThread.start('tensorflow');
  });
  after(async () => {
    await wasm?.stop();
    await native?.stop();
  });

  for (const name of caseNames) {
    it(`agree with TensorFlow's: ${name}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 }), async (seed) => {
          const ours = await wasm.compute(name, seed);
          const theirs = await native.compute(name, seed);
          assertClose(ours.value, theirs.value, 'value');
          ours.gradients.forEach((gradient, i) => {
            assertClose(gradient, theirs.gradients[i] ?? [], `gradient of input ${i}`);
          });
        }),
        { numRuns: RUNS_PER_CASE },
      );
    });
  }

  it('leave no tensor behind', async () => {
    const before = await wasm.tensors();
    for (const name of caseNames) await wasm.compute(name, 7);
    assert.equal(await wasm.tensors(), before);
  });
});

function assertClose(ours: readonly number[], theirs: readonly number[], what: string): void {
  assert.equal(ours.length, theirs.length, `${what}: lengths`);
  const size = theirs.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1);
  ours.forEach((value, i) => {
    const difference = Math.abs(value - (theirs[i] ?? Number.NaN)) / size;
    assert.ok(difference <= TOLERANCE, `${what}[${i}]: ${value} here, ${theirs[i]} there`);
  });
}
