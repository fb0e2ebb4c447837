/** The backend loads in a thread, on the one instance of tfjs-core, and leaves the main thread free. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { bindingPath, chooseBackend } from '@bagfleet/worker/engine/backend';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import { BackendThread } from './backend-thread.js';

describe('the backend', function () {
  this.timeout(60_000);

  for (const name of ['tensorflow', 'wasm'] as const) {
    it(`loads ${name} in a thread and computes while the main thread goes on`, async function () {
      if (name === 'tensorflow' && !existsSync(bindingPath())) {
        console.log('    skipped: native TensorFlow is not set up here');
        return this.skip();
      }
      const thread = await BackendThread.start(name);
      try {
        const { backend, active, sameInstance } = thread.greeting;
        assert.equal(backend.name, name);
        assert.equal(active, name);
        assert.ok(sameInstance, 'import and require give two instances of tfjs-core');
        assert.match(backend.version, /^\d+\.\d+\.\d+/);
        assert.ok(backend.threads >= 1);

        let turns = 0;
        let computing = true;
        const turn = (): void => {
          turns++;
          if (computing) setImmediate(turn);
        };
        setImmediate(turn);
        const mean = await thread.multiply(512);
        computing = false;
        assert.ok(Math.abs(mean - 1) < 1e-5, `mean of ones is ${mean}`);
        assert.ok(turns > 0, 'the main thread stood still meanwhile');
      } finally {
        await thread.stop();
      }
    });
  }
});

describe('chooseBackend', () => {
  it('takes TensorFlow where its binding is, else WebAssembly', () => {
    assert.equal(chooseBackend({}, true), 'tensorflow');
    assert.equal(chooseBackend({}, false), 'wasm');
  });

  it('does what BAGFLEET_BACKEND says', () => {
    assert.equal(chooseBackend({ BAGFLEET_BACKEND: 'wasm' }, true), 'wasm');
    assert.equal(chooseBackend({ BAGFLEET_BACKEND: 'tensorflow' }, false), 'tensorflow');
  });

  it('refuses a backend that does not exist, naming the variable', () => {
    assert.throws(() => chooseBackend({ BAGFLEET_BACKEND: 'cuda' }, true), {
      code: 'usage',
      culprit: 'environment variable BAGFLEET_BACKEND',
    });
  });
});

describe('computeEnvironment', () => {
  it('sets the threads per operation and one operation at a time', () => {
    const env = computeEnvironment(3);
    assert.equal(env.TF_NUM_INTRAOP_THREADS, '3');
    assert.equal(env.TF_NUM_INTEROP_THREADS, '1');
    assert.equal(env.TF_ENABLE_ONEDNN_OPTS, '1');
  });
});
