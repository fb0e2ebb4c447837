import assert from 'node:assert/strict';
import { resumed, rewound, suspended } from '@bagfleet/orchestrator/cron/change-cron';
import { cronJobFields, isSuspended } from '@bagfleet/orchestrator/cron/cron-cluster';
import { historyOf } from '@bagfleet/orchestrator/cron/history';
import { madeUpCron, madeUpNight } from '../../../support/made-up-cron.js';

const day = (number: number, time = '02:00:00') => `2026-11-${String(number).padStart(2, '0')}T${time}.000Z`;
const told = (rows: ReturnType<typeof historyOf>) =>
  rows.map((row) =>
    row.kind === 'night' ? `${row.at} ${row.night.outcome}` : `${row.at} ×${row.count} ${row.why}`,
  );

describe('the history of a cron', () => {
  it('has its nights and, between them, those that were due and are not recorded', () => {
    const nights = [
      madeUpNight(day(1), { outcome: 'promoted', endedAt: day(1, '04:00:00') }),
      madeUpNight(day(4), { outcome: 'refused', endedAt: day(5, '03:00:00') }),
      madeUpNight(day(5, '17:12:40'), { startedBy: 'person' }),
    ];
    assert.deepEqual(told(historyOf(madeUpCron(), nights, new Date(day(6, '12:00:00')))), [
      `${day(1)} promoted`,
      `${day(2)} ×2 missed: nothing began it before its deadline`,
      `${day(4)} refused`,
      `${day(5)} ×1 the night 20261104T020000Z was still going`,
      `${day(5, '17:12:40')} nothing-new`,
      `${day(6)} ×1 missed: nothing began it before its deadline`,
    ]);
  });

  it('does not call a night missed that may still begin', () => {
    const at = (time: string) => told(historyOf(madeUpCron(), [madeUpNight(day(1))], new Date(day(2, time))));
    assert.equal(at('02:59:59').length, 1);
    assert.equal(at('03:00:00').length, 2);
  });

  it('says that a night which did not come to its end stood in the way', () => {
    const nights = [madeUpNight(day(1), { outcome: null, endedAt: null })];
    const rows = told(historyOf(madeUpCron(), nights, new Date(day(3))));
    assert.deepEqual(rows, [
      `${day(1)} null`,
      `${day(2)} ×1 the night 20261101T020000Z had not come to its end`,
    ]);
  });

  it('knows when the cron was suspended, and by which clock it went', () => {
    const paused = resumed(
      suspended(madeUpCron(), new Date(day(2, '12:00:00'))),
      new Date(day(4, '12:00:00')),
    );
    const clocks = rewound(
      paused,
      { schedule: '0 5 * * *', timeZone: 'Etc/UTC' },
      new Date(day(5, '12:00:00')),
    );
    const nights = [madeUpNight(day(1)), madeUpNight(day(2)), madeUpNight(day(6, '05:00:00'))];
    assert.deepEqual(told(historyOf({ ...paused, clocks }, nights, new Date(day(7, '04:00:00')))), [
      `${day(1)} nothing-new`,
      `${day(2)} nothing-new`,
      `${day(3)} ×2 the cron was suspended`,
      `${day(5)} ×1 missed: nothing began it before its deadline`,
      `${day(6, '05:00:00')} nothing-new`,
    ]);
  });

  it('goes back some thousand times, however often the cron is due', () => {
    const clocks = [{ since: '2020-01-01T00:00:00.000Z', schedule: '* * * * 1', timeZone: 'Europe/Madrid' }];
    const [row, ...more] = historyOf(madeUpCron({ clocks }), [], new Date(day(24, '12:00:00')));
    assert.deepEqual(more, []);
    assert.ok(row.kind === 'without-record' && row.count === 1440, JSON.stringify(row));
    assert.equal(row.until, day(23, '22:59:00'));
  });

  it('is that of the records alone once the cron is deleted', () => {
    assert.deepEqual(told(historyOf(null, [madeUpNight(day(1))], new Date(day(9)))), [
      `${day(1)} nothing-new`,
    ]);
  });
});

describe("a cron's record", () => {
  it('is suspended once, and winding the same clock again changes nothing', () => {
    const cron = madeUpCron();
    const now = new Date(day(2));
    const paused = suspended(cron, now);
    assert.equal(isSuspended(cron), false);
    assert.equal(isSuspended(paused), true);
    assert.deepEqual(suspended(paused, new Date(day(3))), paused);
    assert.equal(isSuspended(resumed(paused, now)), false);
    assert.deepEqual(resumed(cron, now), cron);
    assert.equal(rewound(cron, cron.clocks[0], now), cron.clocks);
  });

  it('gives the fields of a CronJob that never stacks nights and catches a missed one up', () => {
    assert.deepEqual(cronJobFields(suspended(madeUpCron(), new Date(day(2)))), {
      schedule: '0 2 * * *',
      timeZone: 'Etc/UTC',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 3600,
      suspend: true,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 3,
    });
  });
});
