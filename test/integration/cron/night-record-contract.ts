/** What a night's record promises when several processes want it. In: an empty store's URI and options. Out: tests. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { listNights, readNight } from '@bagfleet/orchestrator/cron/cron-store';
import { NightRecord } from '@bagfleet/orchestrator/cron/night-record';
import type { StoreOptions } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { madeUpCron } from '../../support/made-up-cron.js';

export function nightRecordContract(place: {
  readonly uri: string;
  readonly options: Omit<StoreOptions, 'uri'>;
}): void {
  let runs: ObjectStore;
  beforeEach(async () => {
    runs = await openStore(`${place.uri}/${randomUUID()}`, place.options);
  });
  afterEach(() => runs.close());

  const take = (at = '2026-11-27T02:00:00Z') =>
    NightRecord.take({
      runs,
      cron: madeUpCron(),
      at: new Date(at),
      startedBy: 'clock',
      now: () => new Date('2026-11-27T02:00:07Z'),
      onWait: () => assert.fail('there is no run to wait for'),
    });

  it('is created by one of many at the same time', async () => {
    const taken = await Promise.allSettled([take(), take(), take(), take(), take()]);
    assert.ok(taken.some(({ status }) => status === 'fulfilled'));
    for (const result of taken)
      if (result.status === 'rejected') assert.equal(codeOf(result.reason), 'run-held');
    const night = (await readNight(runs, 'slides', '20261127T020000Z'))?.value;
    // Who came after the first one's put took it over; each take is one version.
    assert.equal(night?.attempts, taken.filter(({ status }) => status === 'fulfilled').length);
    assert.equal((await listNights(runs, 'slides')).length, 1);
  });

  it('belongs to the last attempt: the one before can write nothing any more', async () => {
    const first = await take();
    const second = await take();
    assert.equal(second.night.attempts, 2);
    await assert.rejects(first.update({ outcome: 'promoted' }), /another process works on it/);
    await second.update({ outcome: 'refused', why: ['because'], endedAt: '2026-11-27T03:00:00.000Z' });
    const third = await take();
    assert.ok(third.isOver);
    assert.deepEqual([third.night.outcome, third.night.attempts], ['refused', 2]);
  });

  it('is open to another attempt when it failed', async () => {
    const first = await take();
    await first.update({ outcome: 'failed', why: ['x'], error: { code: 'bag-missing', message: 'x' } });
    const second = await take();
    assert.equal(second.isOver, false);
    assert.deepEqual([second.night.outcome, second.night.error, second.night.why], [null, null, []]);
  });

  it('lists nights in the order of their times', async () => {
    for (const at of ['2026-11-27T02:00:00Z', '2026-02-01T02:00:00Z', '2026-11-03T02:00:00Z']) await take(at);
    const keys = (await listNights(runs, 'slides')).map(({ key }) => key);
    assert.deepEqual(keys, ['20260201T020000Z', '20261103T020000Z', '20261127T020000Z']);
  });
}
