/** A log that is read again from some seconds before the last recorded line on: no line is lost or comes twice. */
import assert from 'node:assert/strict';
import { unrecordedLines } from '@bagfleet/orchestrator/launch/kubernetes/unrecorded-lines';
import fc from 'fast-check';

function lineAt(ms: number): string {
  const time = new Date(1_800_000_000_000 + ms).toISOString();
  return JSON.stringify({ time, level: 'info', run: 'r', worker: 'w0', message: `m${ms}` });
}

describe('lines that are not recorded yet', () => {
  it('are those after the last recorded one, wherever the log begins again', () => {
    const gaps = fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(gaps, fc.nat(), fc.nat(), (pauses, recordedDraw, fromDraw) => {
        let at = 0;
        const log = pauses.flatMap((pause) => {
          at += pause;
          return [lineAt(at), `plain after ${at}`];
        });
        const recorded = 2 * (recordedDraw % pauses.length);
        const isNew = unrecordedLines(log[recorded]);
        const again = log.slice(fromDraw % (recorded + 1));
        // A plain line goes with the JSON line before it, which is recorded.
        assert.deepEqual(again.filter(isNew), log.slice(recorded + 2));
      }),
    );
  });

  it('are all, if nothing or nothing with a time is recorded', () => {
    assert.ok(unrecordedLines(null)('plain'));
    assert.ok(unrecordedLines('plain')(lineAt(1)));
    assert.ok(unrecordedLines('{"time":"2999-01-01T00:00:00.000Z"}')(lineAt(1)), 'no line of ours');
  });
});
