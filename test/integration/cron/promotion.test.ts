/** What happens to the tag when somebody else moves it, or when an attempt died between moving it and saying so. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applyCron } from '@bagfleet/orchestrator/cron/apply-cron';
import { putNight, readNight } from '@bagfleet/orchestrator/cron/cron-store';
import { runNight } from '@bagfleet/orchestrator/cron/night';
import { type TrainRun, trainHere } from '@bagfleet/orchestrator/cron/train-run';
import { currentMove, moveTag, readTag } from '@bagfleet/orchestrator/registry/tags';
import { BagfleetError, type Night, parseJob } from '@bagfleet/proto';
import { sha256Of } from '@bagfleet/worker/checkpoint/checkpoint-files';
import { locateInRun } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import { LocalStore } from '@bagfleet/worker/storage/local-store';
import { type GrowingData, growingData } from '../../support/growing-data.js';
import { writeMadeUpCheckpoint } from '../../support/made-up-checkpoint.js';
import { tempFolder } from '../../support/temp-folder.js';

const MODEL = { hidden: 8, attention: 4 };

describe('a promotion', function () {
  this.timeout(60_000);
  const temp = tempFolder();
  let runs: LocalStore;
  let data: GrowingData;
  const access = () => job().store;

  function job() {
    const store = { uri: join(temp.path, 'runs') };
    const fields = {
      name: 'slides',
      data: { manifest: data.manifest },
      model: MODEL,
      train: { epochs: 2 },
      store,
    };
    return parseJob(fields, 'test');
  }

  beforeEach(async () => {
    data = growingData(join(temp.path, 'data'));
    runs = new LocalStore(join(temp.path, 'runs'));
    const words = { schedule: '0 2 * * *', timeZone: 'Etc/UTC', name: 'slides', labels: null, holdOut: null };
    const more = {
      gate: 'auc >= 0',
      margin: null,
      tag: 'production',
      from: 'tag',
      startingDeadline: 600,
    } as const;
    await applyCron({
      runs,
      job: job(),
      words: { ...words, ...more },
      now: new Date(),
      progress: () => undefined,
    });
  });

  function night(at: string, train: TrainRun = trainHere): Promise<Night> {
    return runNight({
      engine: 'local',
      access: access(),
      name: 'slides',
      at: new Date(at),
      startedBy: 'clock',
      train,
      now: () => new Date(),
      say: () => undefined,
      progress: () => undefined,
      signal: new AbortController().signal,
    });
  }

  async function moveByHand(run: string): Promise<void> {
    const facts = { run, step: 3, isBest: true, job: { model: MODEL } };
    const folder = new LocalStore(join(runs.uri, run));
    await writeMadeUpCheckpoint(folder, facts);
    const manifestSha256 = sha256Of((await locateInRun(folder, 3)).manifestBytes);
    const move = { to: { run, step: 3, manifestSha256 }, by: 'anna', at: new Date() };
    await moveTag(runs, 'production', move, await readTag(runs, 'production'));
  }

  it('is refused when the tag was moved while the night trained, and the next night begins from there', async () => {
    const meanwhile: TrainRun = async (run) => {
      await moveByHand('by-hand-1');
      return trainHere(run);
    };
    const refused = await night('2026-11-25T02:00:00Z', meanwhile);
    assert.equal(refused.outcome, 'refused');
    assert.match(
      refused.why.join('\n'),
      /production was moved to by-hand-1, step 3 by anna at .* while this night trained/,
    );
    const next = await night('2026-11-26T02:00:00Z');
    assert.equal(
      next.plan?.initial?.run,
      'by-hand-1',
      'the same bags, but another model to begin with and to beat',
    );
    assert.equal(next.outcome, 'promoted');
    assert.equal((await night('2026-11-27T02:00:00Z')).outcome, 'nothing-new');
  });

  it('is refused, too, when the tag was moved away and back', async () => {
    await moveByHand('by-hand-1');
    const there = await readTag(runs, 'production');
    assert.ok(there);
    const meanwhile: TrainRun = async (run) => {
      await moveByHand('by-hand-2');
      const { run: back, step, manifestSha256 } = currentMove(there);
      const move = { to: { run: back, step, manifestSha256 }, by: 'bert', at: new Date() };
      await moveTag(runs, 'production', move, await readTag(runs, 'production'));
      return trainHere(run);
    };
    const refused = await night('2026-11-25T02:00:00Z', meanwhile);
    assert.match(refused.why.join('\n'), /production was moved to by-hand-1, step 3 by bert/);
  });

  it('is told as one by an attempt that finds the tag moved by the attempt before it', async () => {
    const promoted = await night('2026-11-25T02:00:00Z');
    assert.equal(promoted.outcome, 'promoted');
    const found = await readNight(runs, 'slides', promoted.key);
    assert.ok(found);
    // As if the process had died after it moved the tag.
    const open = { ...found.value, outcome: null, why: [], endedAt: null };
    await putNight(runs, open, found.etag);
    const again = await night('2026-11-25T02:00:00Z');
    assert.deepEqual([again.outcome, again.attempts], ['promoted', 2]);
    assert.equal((await readTag(runs, 'production'))?.tag.moves.length, 1);
  });

  it('waits for a retry when training failed, which goes on with the same run and the same bags', async () => {
    const runsTried: string[] = [];
    const failing: TrainRun = async ({ run }) => {
      runsTried.push(run);
      throw new BagfleetError('store-unavailable', 'the store did not answer');
    };
    const failed = await night('2026-11-25T02:00:00Z', failing);
    assert.deepEqual([failed.outcome, failed.error?.code], ['failed', 'store-unavailable']);
    data.add({ id: 'new-1', label: 'yes', patient: 'gina' });
    const retried = await night('2026-11-25T02:00:00Z');
    assert.deepEqual([retried.outcome, retried.plan], ['promoted', failed.plan]);
    assert.deepEqual(runsTried, [retried.plan?.run]);
    assert.equal((await night('2026-11-26T02:00:00Z')).plan?.data.added, 1);
  });

  it('does not come of a retry after the cron was applied anew', async () => {
    const failing: TrainRun = () => Promise.reject(new BagfleetError('store-unavailable', 'x'));
    await night('2026-11-25T02:00:00Z', failing);
    const words = { schedule: '0 2 * * *', timeZone: 'Etc/UTC', name: 'slides', labels: null, holdOut: null };
    const more = {
      gate: 'auc >= 0.1',
      margin: null,
      tag: 'production',
      from: 'tag',
      startingDeadline: 600,
    } as const;
    await applyCron({
      runs,
      job: job(),
      words: { ...words, ...more },
      now: new Date(),
      progress: () => undefined,
    });
    const retried = await night('2026-11-25T02:00:00Z');
    assert.match(retried.why[0], /the cron was applied anew since this night began/);
  });

  it('names new bags that are not made like the old ones, and trains nothing', async () => {
    writeFileSync(data.fileOf('bad-1'), 'no array');
    data.tell({ id: 'bad-1', label: 'yes', patient: 'gina' });
    const never: TrainRun = () => assert.fail('it trained');
    const failed = await night('2026-11-25T02:00:00Z', never);
    assert.equal(failed.outcome, 'failed');
    assert.match(failed.why[0], /^bag bad-1, file bags\/bad-1\.npy/);
  });
});
