import assert from 'node:assert/strict';
import { checkSchedule, nextTime, scheduledTimes } from '@bagfleet/orchestrator/cron/schedule';
import { BagfleetError } from '@bagfleet/proto';
import fc from 'fast-check';

const MINUTE = 60_000;

/** Minutes from `from` to `until` whose local time has the wanted fields: every minute is looked at. */
function timesByTwin(
  wanted: { minute: number; hour: number | null; weekday: number | null },
  timeZone: string,
  from: Date,
  until: Date,
): string[] {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
  });
  const found: string[] = [];
  for (let at = from.getTime() + MINUTE; at <= until.getTime(); at += MINUTE) {
    const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
    const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'].indexOf(parts.weekday);
    if (Number(parts.minute) !== wanted.minute) continue;
    if (wanted.hour !== null && Number(parts.hour) !== wanted.hour) continue;
    if (wanted.weekday !== null && weekday !== wanted.weekday) continue;
    found.push(new Date(at).toISOString());
  }
  return found;
}

describe('a schedule', () => {
  const zones = ['Etc/UTC', 'Europe/Madrid', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe'];

  it('is due when a look at every minute says so, where no hour comes twice', () => {
    fc.assert(
      fc.property(
        fc.record({
          minute: fc.integer({ min: 0, max: 59 }),
          hour: fc.option(fc.integer({ min: 0, max: 23 }), { nil: null }),
          weekday: fc.option(fc.integer({ min: 0, max: 6 }), { nil: null }),
        }),
        fc.constantFrom(...zones),
        // March to May of Europe and America: the clocks go forward there; in Lord Howe back, by half an hour.
        fc.integer({ min: 0, max: 60 }),
        (wanted, timeZone, day) => {
          if (timeZone === 'Australia/Lord_Howe' && day > 20) return;
          const from = new Date(Date.UTC(2026, 2, 1 + day));
          const until = new Date(from.getTime() + 4 * 24 * 60 * MINUTE);
          const { minute, hour, weekday } = wanted;
          const schedule = `${minute} ${hour ?? '*'} * * ${weekday ?? '*'}`;
          const times = scheduledTimes({ schedule, timeZone }, from, until, 1000);
          assert.deepEqual(
            times.map((at) => at.toISOString()),
            timesByTwin(wanted, timeZone, from, until),
          );
        },
      ),
      { numRuns: 60 },
    );
  }).timeout(60_000);

  it('has no night at a local time that the clocks leave out, as Kubernetes has none', () => {
    const madrid = { schedule: '0 2 * * *', timeZone: 'Europe/Madrid' };
    const [first, second] = scheduledTimes(
      madrid,
      new Date('2026-03-28T00:00:00Z'),
      new Date('2026-03-30T12:00:00Z'),
      9,
    );
    assert.equal(first.toISOString(), '2026-03-28T01:00:00.000Z');
    assert.equal(second.toISOString(), '2026-03-30T00:00:00.000Z');
  });

  it('gives times after, not at, and no more than asked for', () => {
    const hourly = { schedule: '@hourly', timeZone: 'Etc/UTC' };
    const at = new Date('2026-05-01T10:00:00Z');
    assert.equal(nextTime(hourly, at)?.toISOString(), '2026-05-01T11:00:00.000Z');
    assert.equal(nextTime(hourly, new Date(at.getTime() - 1))?.toISOString(), '2026-05-01T10:00:00.000Z');
    assert.equal(scheduledTimes(hourly, at, new Date('2027-05-01T00:00:00Z'), 5).length, 5);
  });

  for (const schedule of ['0 2 * * *', '*/5 * * * *', '@daily', '0 0 1,15 * mon-fri', '0 2 ? * *'])
    it(`may be ${schedule}`, () => checkSchedule({ schedule, timeZone: 'Europe/Madrid' }));

  for (const [schedule, timeZone, message] of [
    ['0 2 * *', 'Etc/UTC', /is no schedule/],
    ['0 0 2 * * *', 'Etc/UTC', /is no schedule/],
    ['0 25 * * *', 'Etc/UTC', /is no schedule/],
    ['0 2 L * *', 'Etc/UTC', /is no schedule/],
    ['@every 1h', 'Etc/UTC', /is no schedule/],
    ['TZ=Europe/Madrid 0 2 * * *', 'Etc/UTC', /is no schedule/],
    ['0 2 * * 7', 'Etc/UTC', /day of week 7/],
    ['0 2 30 2 *', 'Etc/UTC', /never comes/],
    ['', 'Etc/UTC', /is no schedule/],
    ['0 2 * * *', 'Europe/Madird', /no time zone/],
  ] as const)
    it(`may not be ${JSON.stringify(schedule)} in ${timeZone}`, () => {
      assert.throws(
        () => checkSchedule({ schedule, timeZone }),
        (thrown) =>
          thrown instanceof BagfleetError && thrown.code === 'usage' && message.test(thrown.message),
      );
    });
});
