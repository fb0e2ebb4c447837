import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import fc from 'fast-check';
import { MemoryStore } from '../../../support/memory-store.js';

const FIXTURES = new URL('../../../fixtures/npy/', import.meta.url);
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.npy`, FIXTURES)));

interface Given {
  readonly file: Uint8Array | null;
  readonly entry?: Partial<BagEntry>;
  readonly instanceShape?: readonly number[];
  readonly signal?: AbortSignal;
}

function read({ file, entry, instanceShape = [3], signal }: Given) {
  const store = new MemoryStore('memory://slides');
  if (file) store.objects.set('bags/b7.npy', file);
  const bag: BagEntry = {
    id: 'b7',
    key: 'bags/b7.npy',
    bytes: file?.length ?? 1,
    instances: 5,
    label: 1,
    split: 'train',
    ...entry,
  };
  return bagReader({ store, instanceShape }).read(bag, signal);
}

async function refusal(given: Given): Promise<BagfleetError> {
  const thrown = await read(given).then(
    () => assert.fail('nothing was refused'),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof BagfleetError, String(thrown));
  assert.equal(thrown.culprit, 'bag b7, file bags/b7.npy');
  assert.ok(thrown.hint, 'says what to do');
  assert.equal(thrown.exitCode, 2);
  return thrown;
}

describe('read a bag', () => {
  it('gives float32 features over shared memory', async () => {
    const bag = await read({ file: fixture('f8') });
    assert.deepEqual([bag.id, bag.instances, bag.instanceShape], ['b7', 5, [3]]);
    assert.ok(bag.features.buffer instanceof SharedArrayBuffer);
    assert.deepEqual([...bag.features], [...(await read({ file: fixture('f4_v1') })).features]);
  });

  it('gives every value of a bag that takes several turns to check', async () => {
    const instances = 700; // 700 · 3,001 values: two turns and a rest
    const values = Float32Array.from({ length: instances * 3001 }, (_, i) => Math.sin(i));
    const bag = await read({
      file: writeNpy(values, [instances, 3001]),
      entry: { instances },
      instanceShape: [3001],
    });
    assert.ok(Buffer.from(bag.features.buffer).equals(Buffer.from(values.buffer)));
  });

  it('a bag that is not there', async () => {
    const error = await refusal({ file: null });
    assert.equal(error.code, 'bag-missing');
    assert.match(error.message, /memory:\/\/slides/);
  });

  it('an empty bag, of any shape', async () => {
    assert.equal((await refusal({ file: fixture('no_instances') })).code, 'bag-empty');
    assert.equal((await refusal({ file: writeNpy(new Float32Array(0), [0]) })).code, 'bag-empty');
  });

  it('a bag of another width', async () => {
    const error = await refusal({ file: fixture('f4_v1'), instanceShape: [4] });
    assert.equal(error.code, 'bag-width');
    assert.match(error.message, /\(5, 3\).*\(instances, 4\)/);
    assert.equal((await refusal({ file: fixture('one_axis') })).code, 'bag-width');
    assert.equal((await refusal({ file: fixture('scalar') })).code, 'bag-width');
    assert.equal((await refusal({ file: fixture('u1_tiles'), instanceShape: [3, 3, 3] })).code, 'bag-width');
  });

  it('a truncated bag, cut anywhere', async () => {
    const whole = fixture('f4_v1');
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), async (length) => {
        const error = await refusal({ file: whole.subarray(0, length), entry: { bytes: whole.length } });
        assert.equal(error.code, 'bag-truncated');
      }),
      { numRuns: 30 },
    );
  });

  it('a bag that is not the one of the manifest', async () => {
    const error = await refusal({ file: fixture('f4_v1'), entry: { instances: 6 } });
    assert.equal(error.code, 'bag-format');
    assert.match(error.message, /has 5 instances, the manifest says 6/);
    assert.match(
      (await refusal({ file: fixture('f4_v1'), entry: { bytes: 9 } })).message,
      /188 bytes, the manifest says 9/,
    );
  });

  it('values that are not finite, in the file or as float32', async () => {
    const nan = await refusal({ file: fixture('nan'), entry: { instances: 2 } });
    assert.equal(nan.code, 'bag-not-finite');
    assert.match(nan.message, /instance 1, value 1 holds NaN/);
    assert.match(
      (await refusal({ file: fixture('infinite_half'), entry: { instances: 1 } })).message,
      /value 1 holds Infinity/,
    );
    assert.match(
      (await refusal({ file: fixture('beyond_float32'), entry: { instances: 1 } })).message,
      /value 2 holds Infinity/,
    );
  });

  it('ends when it is aborted', async () => {
    const reason = new Error('enough');
    await assert.rejects(read({ file: fixture('f4_v1'), signal: AbortSignal.abort(reason) }), reason);
  });
});
