/** What doctor says of a machine. */
import assert from 'node:assert/strict';
import { BagfleetError } from '@bagfleet/proto';
import type { Backend } from '@bagfleet/worker/engine/backend';
import { backendFinding, gpuFinding } from '@bagfleet/worker/engine/inspect-machine';

const native: Backend = { name: 'tensorflow', version: '2.21.0', threads: 2, gpu: false };
const gpu = { name: 'NVIDIA L4', driver: '550.54.15', memoryMib: 23034 };

describe('inspecting a machine', () => {
  it('finds native TensorFlow and where it comes from', () => {
    assert.deepEqual(backendFinding(native, '/cache/libtensorflow_cc.so.2'), {
      name: 'backend',
      ok: true,
      found: 'TensorFlow 2.21.0 (native) from /cache/libtensorflow_cc.so.2',
    });
  });

  it('advises against WebAssembly', () => {
    const finding = backendFinding({ ...native, name: 'wasm', version: '4.22.0' }, undefined);
    assert.equal(finding.ok, false);
    assert.match(finding.hint ?? '', /npm run setup/);
  });

  it('passes on why a backend does not load', () => {
    const error = new BagfleetError('peer-incompatible', 'TensorFlow does not load', { hint: 'Run set-up.' });
    assert.deepEqual(backendFinding(error, undefined), {
      name: 'backend',
      ok: false,
      found: 'TensorFlow does not load',
      hint: 'Run set-up.',
    });
  });

  it('tells a GPU that is used from one that is not, and takes none as fine', () => {
    assert.deepEqual(gpuFinding([], native), { name: 'gpu', ok: true, found: 'none' });
    assert.deepEqual(gpuFinding([gpu], { ...native, gpu: true }), {
      name: 'gpu',
      ok: true,
      found: 'NVIDIA L4 (23034 MiB, driver 550.54.15)',
    });
    const idle = gpuFinding([gpu], native);
    assert.equal(idle.ok, false);
    assert.match(idle.hint ?? '', /BAGFLEET_TF=gpu/);
  });
});
