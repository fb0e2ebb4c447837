import assert from 'node:assert/strict';
import { parseDuration } from '@bagfleet/orchestrator/cli/options/duration-word';

describe('a length of time on the command line', () => {
  it('is a number and a unit', () => {
    const expected: [string, number][] = [
      ['500ms', 500],
      ['15s', 15_000],
      ['1.5s', 1500],
      ['2m', 120_000],
      ['1h', 3_600_000],
      [' 3s ', 3000],
      ['168h', 604_800_000],
    ];
    for (const [text, milliseconds] of expected) assert.equal(parseDuration(text, '--every'), milliseconds);
  });

  for (const text of ['15', 's', '', '-3s', '15 s', '1e3s', '2d', '1m30s', 'Infinitys'])
    it(`is not ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseDuration(text, '--every'), {
        code: 'usage',
        culprit: '--every',
        message: `must be a time with its unit, such as 500ms, 15s, 2m or 1h, but ${JSON.stringify(text)} was given`,
      });
    });

  for (const text of ['0s', '0.2ms', '169h', '99999999999999s'])
    it(`is neither as short nor as long as ${text}`, () => {
      assert.throws(() => parseDuration(text, '--for'), {
        culprit: '--for',
        message: /must be from 1ms to 168h/,
      });
    });
});
