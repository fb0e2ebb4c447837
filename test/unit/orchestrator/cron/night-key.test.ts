import assert from 'node:assert/strict';
import { nightKey, parseNight, runOfNight, timeOfJobName } from '@bagfleet/orchestrator/cron/night-key';
import fc from 'fast-check';

const moment = fc.date({ min: new Date('2020-01-01'), max: new Date('2090-01-01'), noInvalidDate: true });

describe("a night's key", () => {
  it('is its time to the second, sorts as time does, and can be read back', () => {
    fc.assert(
      fc.property(moment, moment, (a, b) => {
        const [first, second] = [nightKey(a), nightKey(b)];
        assert.equal(parseNight(first, 'test').getTime(), Math.floor(a.getTime() / 1000) * 1000);
        assert.equal(parseNight(a.toISOString(), 'test').getTime(), parseNight(first, 'test').getTime());
        if (first !== second) assert.equal(first < second, a < b);
      }),
    );
  });

  it('gives a run that looks like any other, the same for each attempt', () => {
    const run = runOfNight('slides', '20261127T020000Z');
    assert.match(run, /^slides-20261127-020000-[0-9a-f]{4}$/);
    assert.equal(run, runOfNight('slides', '20261127T020000Z'));
    assert.notEqual(run.slice(-4), runOfNight('others', '20261127T020000Z').slice(-4));
  });

  it('comes from the name of a Job, which Kubernetes ends in minutes', () => {
    const minutes = Date.parse('2026-11-27T02:00:00Z') / 60_000;
    assert.equal(timeOfJobName(`slides-${minutes}`).toISOString(), '2026-11-27T02:00:00.000Z');
    assert.throws(() => timeOfJobName('slides-abc'), /minutes of its scheduled time/);
  });

  for (const word of ['tomorrow', '2026-11-27', '', '2026-13-01T00:00:00Z'])
    it(`is not ${JSON.stringify(word)}`, () => {
      assert.throws(() => parseNight(word, '--night'), /is no time/);
    });
});
