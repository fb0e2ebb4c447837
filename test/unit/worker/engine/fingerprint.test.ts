/** The fingerprint tells machines apart that could compute other bits, and no others. */
import assert from 'node:assert/strict';
import type { Backend } from '@bagfleet/worker/engine/backend';
import {
  type Fingerprint,
  fingerprintDifferences,
  fingerprintDigest,
  fingerprintOf,
  numericFeatures,
} from '@bagfleet/worker/engine/fingerprint';
import { parseGpus } from '@bagfleet/worker/engine/gpus';

const backend: Backend = { name: 'wasm', version: '4.22.0', threads: 1, gpu: false };

describe('fingerprint', () => {
  it('is the same each time, and its digest too', async () => {
    const first = await fingerprintOf(backend, {});
    const second = await fingerprintOf(backend, {});
    assert.deepEqual(second, first);
    assert.equal(fingerprintDigest(second), fingerprintDigest(first));
    assert.match(fingerprintDigest(first), /^[0-9a-f]{64}$/);
    assert.deepEqual(fingerprintDifferences(first, second), []);
  });

  it('survives the wire, in whatever order the keys come', async () => {
    const fingerprint = await fingerprintOf(backend, {});
    const reversed = Object.fromEntries(Object.entries(fingerprint).reverse()) as unknown as Fingerprint;
    const received = JSON.parse(JSON.stringify(reversed)) as Fingerprint;
    assert.equal(fingerprintDigest(received), fingerprintDigest(fingerprint));
  });

  it('changes with the threads, the version and the oneDNN switch, and says which', async () => {
    const ours = await fingerprintOf(backend, {});
    const theirs = await fingerprintOf(
      { ...backend, threads: 4, version: '4.23.0' },
      { TF_ENABLE_ONEDNN_OPTS: '0' },
    );
    assert.notEqual(fingerprintDigest(theirs), fingerprintDigest(ours));
    assert.deepEqual(fingerprintDifferences(ours, theirs), [
      'version 4.23.0 instead of 4.22.0',
      'threads 4 instead of 1',
      'oneDnn 0 instead of default',
    ]);
  });

  it('names the decoder of images that runs', async () => {
    const { default: sharp } = await import('sharp');
    assert.equal((await fingerprintOf(backend, {})).images, `sharp ${sharp.versions.sharp}`);
  });

  it('knows the processor, the C library and Node', async () => {
    const { processor, architecture, libc, node, gpus, gpuSettings } = await fingerprintOf(backend, {});
    assert.notEqual(processor, '');
    assert.equal(architecture, process.arch);
    assert.match(libc, /libc/);
    assert.equal(node, process.versions.node);
    assert.deepEqual([gpus, gpuSettings], [[], {}]);
  });

  it('states the GPU settings where a GPU computes', async () => {
    const { gpuSettings } = await fingerprintOf({ ...backend, gpu: true }, { TF_DETERMINISTIC_OPS: '1' });
    assert.deepEqual(gpuSettings, {
      TF_DETERMINISTIC_OPS: '1',
      TF_CUDNN_USE_AUTOTUNE: 'default',
      NVIDIA_TF32_OVERRIDE: 'default',
    });
  });
});

describe('the numeric features of a processor', () => {
  it('are the instruction sets of x86, without what a kernel adds or what has nothing to do with numbers', () => {
    const cpuinfo =
      'processor : 0\nflags\t\t: fpu sse sse2 pni smep sme smap avx avx2 avx512_bf16 fma f16c nopl bmi1\n';
    assert.deepEqual(numericFeatures(cpuinfo), [
      'avx',
      'avx2',
      'avx512_bf16',
      'bmi1',
      'f16c',
      'fma',
      'pni',
      'sse',
      'sse2',
    ]);
  });

  it('are those of Arm', () => {
    assert.deepEqual(numericFeatures('Features\t: fp asimd evtstrm aes sve2 bf16 i8mm cpuid'), [
      'asimd',
      'bf16',
      'i8mm',
      'sve2',
    ]);
  });

  it('are none where the system does not tell', () => {
    assert.deepEqual(numericFeatures(''), []);
  });
});

describe("the driver's list of GPUs", () => {
  it('is read line by line', () => {
    assert.deepEqual(parseGpus('NVIDIA L4, 550.54.15, 23034\nNVIDIA A100-SXM4-40GB, 550.54.15, 40960\n'), [
      { name: 'NVIDIA L4', driver: '550.54.15', memoryMib: 23034 },
      { name: 'NVIDIA A100-SXM4-40GB', driver: '550.54.15', memoryMib: 40960 },
    ]);
  });

  it('is empty without a GPU', () => {
    assert.deepEqual(parseGpus('No devices were found\n'), []);
  });
});
