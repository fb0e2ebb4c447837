/**
 * What checkpoints must hold to in any store.
 * In: where the store under test lies. Out: mocha tests in the surrounding `describe`.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RUN_FILES } from '@bagfleet/proto/run-files';
import { movePointer, readPointer } from '@bagfleet/worker/checkpoint/checkpoint-pointer';
import { listCheckpoints } from '@bagfleet/worker/checkpoint/list-checkpoints';
import { locateByUri, locateInRun } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import { pruneCheckpoints } from '@bagfleet/worker/checkpoint/prune-checkpoints';
import { pullCheckpoint } from '@bagfleet/worker/checkpoint/pull-checkpoint';
import { readCheckpoint, readParameters } from '@bagfleet/worker/checkpoint/read-checkpoint';
import { readSafetensors } from '@bagfleet/worker/checkpoint/read-safetensors';
import { removeUnfinished } from '@bagfleet/worker/checkpoint/remove-unfinished';
import { stateDigest } from '@bagfleet/worker/checkpoint/state-digest';
import { verifyCheckpoint } from '@bagfleet/worker/checkpoint/verify-checkpoint';
import { writeCheckpoint } from '@bagfleet/worker/checkpoint/write-checkpoint';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { layoutOf } from '@bagfleet/worker/train/parameter-layout';
import { tempFolder } from '../../support/temp-folder.js';
import { factsForTests, layoutForTests, stateForTests } from './checkpoint-state.js';
import type { WriterTask } from './checkpoint-writer.js';
import { rejectsWith, type StoreUnderTest } from './object-store-contract.js';

const WRITER = fileURLToPath(new URL('./checkpoint-writer.ts', import.meta.url));
const init = { kind: 'constant', value: 0 } as const;

export function checkpointSuite(target: StoreUnderTest): void {
  const folder = tempFolder();
  let count = 0;
  let uri: string;
  let run: ObjectStore;

  beforeEach(async () => {
    uri = `${target.uri}/run-${++count}`;
    run = await openStore(uri, target.options);
  });
  afterEach(() => run.close());

  const write = (step: number, isBest = false, seed = 1) =>
    writeCheckpoint(run, stateForTests(step, seed), factsForTests(isBest));
  const bytesOf = async (key: string) => Buffer.from((await run.get(key)).bytes);
  const keys = async () => {
    const found: string[] = [];
    for await (const { key } of run.list('')) found.push(key);
    return found;
  };

  describe('written', () => {
    it('are three files and a pointer, named and laid out as others expect', async () => {
      await write(42);
      assert.deepEqual(await keys(), [
        'checkpoints/latest.json',
        'checkpoints/step-000042/manifest.json',
        'checkpoints/step-000042/model.safetensors',
        'checkpoints/step-000042/optimizer.safetensors',
      ]);
      const model = readSafetensors(await bytesOf('checkpoints/step-000042/model.safetensors'), 'model');
      assert.deepEqual(model.metadata, { format: 'pt' });
      assert.deepEqual([...model.tensors.keys()], ['a.bias', 'a.weight', 'z.weight']);
      assert.deepEqual(model.tensors.get('z.weight')?.shape, [3, 7]);
      const optimizer = readSafetensors(
        await bytesOf('checkpoints/step-000042/optimizer.safetensors'),
        'optimizer',
      );
      assert.ok(optimizer.tensors.has('exp_avg_sq.a.weight'));
      const pointer = JSON.parse((await bytesOf(RUN_FILES.latest)).toString()) as unknown;
      const manifest = await bytesOf('checkpoints/step-000042/manifest.json');
      const manifestSha256 = createHash('sha256').update(manifest).digest('hex');
      assert.deepEqual(pointer, { step: 42, manifestSha256 });
    });

    it('are read back bit for bit', async () => {
      const state = stateForTests(7);
      await write(7, true);
      for (const which of ['latest', 'best', 7, '7', 'step-000007']) {
        const read = await readCheckpoint(await locateInRun(run, which), layoutForTests);
        assert.deepEqual(read.parameters, state.parameters);
        assert.deepEqual(read.moments, state.moments);
        assert.deepEqual(read.progress, state.progress);
        assert.equal(read.manifest.stateDigest, stateDigest(state));
        assert.equal(read.manifest.threshold, 0.5);
        assert.equal(stateDigest({ ...read, layout: layoutForTests }), stateDigest(state));
      }
    });

    it('can be read by the address of their folder, without the run', async () => {
      await write(7);
      const address = `${uri}/checkpoints/step-000007`;
      for (const spelling of [address, `${address}/`, `${address}/manifest.json`]) {
        const place = await locateByUri(spelling, target.options);
        assert.equal(place.uri, address);
        const { parameters } = await readParameters(place, layoutForTests);
        assert.deepEqual(parameters, stateForTests(7).parameters);
        place.store.close();
      }
      await rejectsWith(
        locateByUri(`${uri}/elsewhere`, target.options),
        'checkpoint-missing',
        `${uri}/elsewhere`,
      );
    });

    it('hold the average of the weights as the model, and the weights beside the moments', async () => {
      const state = stateForTests(7);
      const average = stateForTests(8).parameters;
      const averaged = { ...state, moments: { ...state.moments, ema: average } };
      await writeCheckpoint(run, averaged, factsForTests());
      const place = await locateInRun(run, 'latest');
      const read = await readCheckpoint(place, layoutForTests);
      assert.deepEqual(read.parameters, state.parameters);
      assert.deepEqual(read.moments, averaged.moments);
      assert.deepEqual((await readParameters(place, layoutForTests)).parameters, average);
      assert.ok((await verifyCheckpoint(place)).every(({ problem }) => problem === null));
    });

    it('hold what an optimizer without moments leaves: nothing', async () => {
      await writeCheckpoint(run, { ...stateForTests(1), moments: {} }, factsForTests());
      const read = await readCheckpoint(await locateInRun(run, 'latest'), layoutForTests);
      assert.deepEqual(read.moments, {});
    });

    it('again are the same bytes, and change nothing', async () => {
      const first = await write(5, true);
      const before = await Promise.all((await keys()).map(async (key) => [key, await run.head(key)]));
      const again = await write(5, true);
      assert.deepEqual(again, first);
      assert.deepEqual(
        await Promise.all((await keys()).map(async (key) => [key, await run.head(key)])),
        before,
      );
    });

    it('by two workers at once, in the same state, are one', async () => {
      await Promise.all([write(5, true), write(5, true), write(5, true)]);
      await assertWhole(run, 5, 1);
    });

    it('with another state under the same step are refused, and the first one stays', async () => {
      await write(5);
      const model = `${uri}/checkpoints/step-000005/model.safetensors`;
      const refused = await rejectsWith(write(5, true, 2), 'store-conflict', model);
      assert.match(refused.message, /another state has been committed/);
      await assertWhole(run, 5, 1);
      assert.equal(await readPointer(run, 'best'), null);
    });

    it('are not mixed with what a dead writer left of another state, which can be cleared away', async () => {
      const { put } = run;
      run.put = (key, ...rest) =>
        key.endsWith('manifest.json') ? Promise.reject(new Error('died')) : put.call(run, key, ...rest);
      await assert.rejects(write(5, false, 2), /died/);
      run.put = put;
      await rejectsWith(write(5), 'store-conflict');
      await rejectsWith(locateInRun(run, 5), 'checkpoint-missing');
      await write(4);
      assert.deepEqual(await removeUnfinished(run), [5]);
      await write(5);
      for (const step of [4, 5]) await assertWhole(run, step, 1);
    });

    it('by rivals at once, in different states, are whole or absent', async () => {
      for (let round = 1; round <= 5; round++) {
        const outcomes = await Promise.allSettled([write(round, false, 1), write(round, false, 2)]);
        for (const outcome of outcomes)
          if (outcome.status === 'rejected') assert.equal(outcome.reason.code, 'store-conflict');
        const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
        if (winner >= 0) await assertWhole(run, round, winner + 1);
        else await rejectsWith(locateInRun(run, round), 'checkpoint-missing');
      }
    });
  });

  describe('pointers', () => {
    it('follow the latest and the best, and never go back', async () => {
      await write(10, true);
      await write(20);
      assert.deepEqual(
        [(await readPointer(run, 'latest'))?.step, (await readPointer(run, 'best'))?.step],
        [20, 10],
      );
      await write(15, true);
      assert.deepEqual(
        [(await readPointer(run, 'latest'))?.step, (await readPointer(run, 'best'))?.step],
        [20, 15],
      );
    });

    it('end at the latest when many are moved at once', async () => {
      const steps = [3, 9, 1, 7, 8, 2, 6, 4, 5];
      await Promise.all(
        steps.map((step) => movePointer(run, 'latest', { step, manifestSha256: `digest ${step}` })),
      );
      assert.deepEqual(await readPointer(run, 'latest'), { step: 9, manifestSha256: 'digest 9' });
    });

    it('that do not fit their checkpoint are noticed', async () => {
      await write(10);
      await movePointer(run, 'best', { step: 10, manifestSha256: 'another' });
      const manifest = `${uri}/checkpoints/step-000010/manifest.json`;
      await rejectsWith(locateInRun(run, 'best'), 'checkpoint-corrupt', manifest);
      await run.put(RUN_FILES.latest, Buffer.from('{'));
      await rejectsWith(locateInRun(run, 'latest'), 'checkpoint-corrupt', `${uri}/${RUN_FILES.latest}`);
    });

    it('are missed by name', async () => {
      await rejectsWith(locateInRun(run, 'latest'), 'checkpoint-missing', `${uri}/${RUN_FILES.latest}`);
      await rejectsWith(locateInRun(run, 'best'), 'checkpoint-missing', `${uri}/${RUN_FILES.best}`);
      await rejectsWith(locateInRun(run, 3), 'checkpoint-missing', `${uri}/checkpoints/step-000003`);
      await rejectsWith(locateInRun(run, 'newest'), 'usage');
    });
  });

  describe('damaged', () => {
    for (const name of ['model.safetensors', 'optimizer.safetensors']) {
      it(`by one flipped bit in ${name} are refused, with both digests`, async () => {
        await write(3);
        const key = `checkpoints/step-000003/${name}`;
        const bytes = await bytesOf(key);
        const expected = createHash('sha256').update(bytes).digest('hex');
        bytes[bytes.length - 5] ^= 1;
        const actual = createHash('sha256').update(bytes).digest('hex');
        await run.put(key, bytes);
        const place = await locateInRun(run, 3);
        const refused = await rejectsWith(
          readCheckpoint(place, layoutForTests),
          'checkpoint-corrupt',
          `${uri}/${key}`,
        );
        assert.match(refused.message, new RegExp(`${actual}.*${expected}`));
        assert.equal(refused.exitCode, 2);
        await rejectsWith(
          pullCheckpoint(place, join(folder.path, 'pulled')),
          'checkpoint-corrupt',
          `${uri}/${key}`,
        );
        assert.deepEqual(readdirSync(folder.path), [], 'nothing half pulled stays');
        const verdicts = await verifyCheckpoint(place);
        assert.deepEqual(
          verdicts.filter(({ problem }) => problem !== null).map((verdict) => verdict.name),
          [name],
        );
      });
    }

    it('by a lost or cut file are refused', async () => {
      await write(3);
      const place = await locateInRun(run, 3);
      const model = 'checkpoints/step-000003/model.safetensors';
      await run.put(model, (await bytesOf(model)).subarray(0, -4));
      const cut = await rejectsWith(
        readParameters(place, layoutForTests),
        'checkpoint-corrupt',
        `${uri}/${model}`,
      );
      assert.match(cut.message, /it has \d+ bytes, its manifest expects \d+/);
      await run.delete(model);
      const lost = await rejectsWith(
        readParameters(place, layoutForTests),
        'checkpoint-corrupt',
        `${uri}/${model}`,
      );
      assert.match(lost.message, /missing/);
    });

    it('in the manifest are refused', async () => {
      await write(3);
      const key = 'checkpoints/step-000003/manifest.json';
      const good = (await bytesOf(key)).toString();
      const edited = (from: string | RegExp, to: string) => run.put(key, Buffer.from(good.replace(from, to)));
      const refused = () => rejectsWith(locateInRun(run, 3), 'checkpoint-corrupt', `${uri}/${key}`);
      await edited('{', '');
      await refused();
      await edited('"run"', '"rune"');
      await refused();
      await edited('"optimizer.safetensors"', '"../optimizer.safetensors"');
      await refused();
      await edited('"lossSum": 0.25', '"lossSum": 0.5');
      const read = readCheckpoint(await locateInRun(run, 3), layoutForTests);
      assert.match(
        (await rejectsWith(read, 'checkpoint-corrupt', `${uri}/${key}`)).message,
        /state's digest/,
      );
      const verdicts = await verifyCheckpoint(await locateInRun(run, 3));
      assert.deepEqual(
        verdicts.map(({ problem }) => problem?.culprit),
        [undefined, undefined, `${uri}/${key}`],
      );
      await edited(/"schemaVersion": 1/g, '"schemaVersion": 2');
      await rejectsWith(locateInRun(run, 3), 'peer-incompatible', `${uri}/${key}`);
    });

    it('not at all are verified as whole', async () => {
      await write(3);
      const verdicts = await verifyCheckpoint(await locateInRun(run, 3));
      assert.deepEqual(
        verdicts.map(({ name }) => name),
        ['model.safetensors', 'optimizer.safetensors', 'manifest.json'],
      );
      for (const { name, bytes, sha256, problem } of verdicts) {
        const there = await bytesOf(`checkpoints/step-000003/${name}`);
        assert.equal(problem, null);
        assert.equal(bytes, there.length);
        assert.equal(sha256, createHash('sha256').update(there).digest('hex'));
      }
    });

    it('do not fit another model, which is told by the name of a parameter', async () => {
      await write(3);
      const place = await locateInRun(run, 3);
      const layout = (shape: number[], ...more: string[]) =>
        layoutOf([
          { name: 'z.weight', shape: [3, 7], init },
          { name: 'a.weight', shape, init },
          ...more.map((name) => ({ name, shape: [1], init })),
        ]);
      const refusal = async (other: ReturnType<typeof layoutOf>) =>
        (await rejectsWith(readCheckpoint(place, other), 'state-mismatch')).message;
      assert.match(
        await refusal(layout([10, 40], 'a.bias')),
        /a\.weight is \[40,10\], the model's is \[10,40\]/,
      );
      assert.match(await refusal(layout([40, 10], 'a.bias', 'b')), /no tensor b/);
      assert.match(await refusal(layout([40, 10])), /a tensor a\.bias, which the model lacks/);
    });
  });

  describe('killed', () => {
    for (let dieIn = 0; dieIn < 6; dieIn++)
      it(`writers leave a checkpoint whole or absent (in write ${dieIn})`, async function () {
        this.timeout(60_000);
        const ended = await runWriter({ uri, options: target.options, step: 8, dieIn });
        assert.equal(ended, dieIn === 5 ? 'done' : 'SIGKILL');
        const [row] = await listCheckpoints(run);
        if (row?.manifest) await assertWhole(run, 8, 1);
        else await rejectsWith(locateInRun(run, 'latest'), 'checkpoint-missing');
        if (dieIn < 2) assert.equal(row?.manifest ?? null, null);
        if (dieIn > 2) assert.ok(row?.manifest);
        await write(8, true);
        await assertWhole(run, 8, 1);
        assert.deepEqual(
          [(await readPointer(run, 'latest'))?.step, (await readPointer(run, 'best'))?.step],
          [8, 8],
        );
      });
  });

  describe('listed and pruned', () => {
    it('are rows, unfinished ones too', async () => {
      await write(10, true);
      await write(20);
      await run.put('checkpoints/step-000030/model.safetensors', Buffer.from('half'));
      await run.put('checkpoints/step-000040/manifest.json', Buffer.from('{}'));
      await run.put('checkpoints/notes/readme.txt', Buffer.from('mine'));
      const rows = await listCheckpoints(run);
      assert.deepEqual(
        rows.map(({ step, manifest, problem, isLatest, isBest }) => [
          step,
          manifest?.progress.step,
          problem?.code,
          isLatest,
          isBest,
        ]),
        [
          [10, 10, undefined, false, true],
          [20, 20, undefined, true, false],
          [30, undefined, undefined, false, false],
          [40, undefined, 'checkpoint-corrupt', false, false],
        ],
      );
      assert.equal(rows[0].uri, `${uri}/checkpoints/step-000010`);
    });

    it('lose the old ones, but never the best or the latest', async () => {
      for (const step of [10, 20, 30, 40, 50]) await write(step, step === 20);
      await run.put('checkpoints/step-000025/model.safetensors', Buffer.from('left by a crash'));
      await run.put('checkpoints/step-000060/model.safetensors', Buffer.from('being written'));
      assert.deepEqual(await pruneCheckpoints(run, 2), [10, 25, 30]);
      assert.deepEqual(
        (await listCheckpoints(run)).map(({ step }) => step),
        [20, 40, 50, 60],
      );
      assert.deepEqual(await pruneCheckpoints(run, 2), []);
      for (const step of [20, 40, 50]) await assertWhole(run, step, 1);
    });

    it('lose their manifest first', async () => {
      for (const step of [10, 20]) await write(step);
      const deleted: string[] = [];
      const original = run.delete.bind(run);
      run.delete = (key) => {
        deleted.push(key);
        return original(key);
      };
      await pruneCheckpoints(run, 1);
      assert.equal(deleted[0], 'checkpoints/step-000010/manifest.json');
      assert.equal(deleted.length, 3);
    });

    it('stay, all of them, while a pointer cannot be read', async () => {
      for (const step of [10, 20]) await write(step);
      await run.put(RUN_FILES.best, Buffer.from('?'));
      await rejectsWith(pruneCheckpoints(run, 1), 'checkpoint-corrupt');
      for (const step of [10, 20]) await assertWhole(run, step, 1);
    });
  });

  describe('pulled', () => {
    it('are the same files in a folder, which is itself a checkpoint', async () => {
      await write(9);
      const to = join(folder.path, 'deep', 'model');
      assert.equal(await pullCheckpoint(await locateInRun(run, 9), to), to);
      assert.deepEqual(readdirSync(to).sort(), [
        'manifest.json',
        'model.safetensors',
        'optimizer.safetensors',
      ]);
      for (const name of readdirSync(to))
        assert.ok(readFileSync(join(to, name)).equals(await bytesOf(`checkpoints/step-000009/${name}`)));
      assert.deepEqual(readdirSync(join(folder.path, 'deep')), ['model']);
      const local = await locateByUri(to, target.options);
      assert.equal((await readCheckpoint(local, layoutForTests)).progress.step, 9);
      await pullCheckpoint(await locateInRun(run, 9), to);
    });

    it('replace nothing but an empty folder', async () => {
      await write(9);
      const place = await locateInRun(run, 9);
      const to = join(folder.path, 'taken');
      mkdirSync(to);
      await pullCheckpoint(place, to);
      const model = join(to, 'model.safetensors');
      const whole = readFileSync(model);
      writeFileSync(model, whole.subarray(1));
      await rejectsWith(pullCheckpoint(place, to), 'usage', to);
      writeFileSync(model, whole);
      await pullCheckpoint(place, to);
      writeFileSync(join(to, 'notes.txt'), 'mine');
      await rejectsWith(pullCheckpoint(place, to), 'usage', to);
      assert.ok(existsSync(join(to, 'notes.txt')));
      writeFileSync(join(folder.path, 'file'), 'mine');
      await rejectsWith(pullCheckpoint(place, join(folder.path, 'file')), 'usage', join(folder.path, 'file'));
      assert.deepEqual(readdirSync(folder.path).sort(), ['file', 'taken']);
    });
  });
}

/** The checkpoint of this step is there, verified, and in the state of this seed. */
async function assertWhole(run: ObjectStore, step: number, seed: number): Promise<void> {
  const place = await locateInRun(run, step);
  for (const { problem } of await verifyCheckpoint(place)) assert.equal(problem, null);
  assert.equal(place.manifest.stateDigest, stateDigest(stateForTests(step, seed)));
}

async function runWriter(task: WriterTask): Promise<string> {
  const writer = spawn(process.execPath, ['--import', 'tsx/esm', WRITER, JSON.stringify(task)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  writer.stdout.on('data', (text: Buffer) => {
    said += text.toString();
  });
  const [code, signal] = (await once(writer, 'close')) as [number | null, NodeJS.Signals | null];
  return signal ?? (code === 0 ? said.trim() : `exit code ${code}`);
}
