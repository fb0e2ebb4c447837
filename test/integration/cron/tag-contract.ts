/** What a tag promises, on any store. In: an empty store's URI and options. Out: tests. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { currentMove, locateRef, moveTag, readTag } from '@bagfleet/orchestrator/registry/tags';
import { type CheckpointRef, RUN_FILES, type StoreOptions } from '@bagfleet/proto';
import { sha256Of } from '@bagfleet/worker/checkpoint/checkpoint-files';
import { locateInRun } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { writeMadeUpCheckpoint } from '../../support/made-up-checkpoint.js';

export function tagContract(place: {
  readonly uri: string;
  readonly options: Omit<StoreOptions, 'uri'>;
}): void {
  let runs: ObjectStore;
  beforeEach(async () => {
    runs = await openStore(`${place.uri}/${randomUUID()}`, place.options);
  });
  afterEach(() => runs.close());

  async function checkpoint(run: string, step: number): Promise<CheckpointRef> {
    const folder = await openStore(`${runs.uri}/${run}`, place.options);
    try {
      await writeMadeUpCheckpoint(folder, { run, step, isBest: true });
      const manifestSha256 = sha256Of((await locateInRun(folder, step)).manifestBytes);
      return { run, step, manifestSha256 };
    } finally {
      folder.close();
    }
  }

  const move = (to: CheckpointRef, by = 'anna') => ({ to, by, at: new Date('2026-11-27T02:00:00Z') });

  it('points at nothing, then at what it was moved to, and remembers where it was', async () => {
    assert.equal(await readTag(runs, 'production'), null);
    const [first, second] = [await checkpoint('r-1', 3), await checkpoint('r-2', 5)];
    await moveTag(runs, 'production', move(first), null);
    const found = await readTag(runs, 'production');
    assert.ok(found);
    await moveTag(runs, 'production', move(second, 'bert'), found);
    const after = await readTag(runs, 'production');
    assert.ok(after);
    assert.deepEqual(
      after.tag.moves.map(({ run, by }) => `${run} by ${by}`),
      ['r-2 by bert', 'r-1 by anna'],
    );
    const place = await locateRef(runs, currentMove(after));
    assert.equal(place.manifest.progress.step, 5);
  });

  it('is moved by one of many who saw the same version, and the others are told', async () => {
    const refs = await Promise.all([1, 2, 3, 4, 5, 6].map((step) => checkpoint(`r-${step}`, step)));
    for (const over of [null, 'found'] as const) {
      const before = over === null ? null : await readTag(runs, 'production');
      const tried = await Promise.allSettled(
        refs.map((ref) => moveTag(runs, 'production', move(ref), before)),
      );
      const won = tried.filter(({ status }) => status === 'fulfilled');
      assert.equal(won.length, 1);
      for (const result of tried)
        if (result.status === 'rejected') assert.equal(codeOf(result.reason), 'store-conflict');
      const now = await readTag(runs, 'production');
      const winner = refs[tried.findIndex(({ status }) => status === 'fulfilled')];
      assert.equal(now && currentMove(now).run, winner.run);
    }
  });

  it('never points at what is not whole', async () => {
    const whole = await checkpoint('r-1', 3);
    await assert.rejects(
      moveTag(runs, 'production', move({ ...whole, step: 4 }), null),
      /there is no checkpoint/,
    );
    const other = { ...whole, manifestSha256: 'a'.repeat(64) };
    await assert.rejects(moveTag(runs, 'production', move(other), null), /a{64} is meant/);
    const key = `r-1/${RUN_FILES.checkpoints}step-000003/model.safetensors`;
    const { bytes } = await runs.get(key);
    bytes[bytes.length - 1] ^= 1;
    await runs.put(key, bytes);
    await assert.rejects(moveTag(runs, 'production', move(whole), null), /sha256/);
    assert.equal(await readTag(runs, 'production'), null);
  });

  it('has a name that every store and label can keep', async () => {
    const ref = await checkpoint('r-1', 3);
    for (const name of ['', 'Production', 'a/b', '../x', '-a', 'a'.repeat(41)])
      await assert.rejects(moveTag(runs, name, move(ref), null), /is no name of a tag/);
  });
}
