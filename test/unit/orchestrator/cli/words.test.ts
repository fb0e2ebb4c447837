import assert from 'node:assert/strict';
import { agoWords, countWords, durationWords, numberWords } from '@bagfleet/orchestrator/cli/words';

describe('words for people', () => {
  it('say durations', () => {
    const expected: [number, string][] = [
      [0, '0s'],
      [-3, '0s'],
      [59.4, '59s'],
      [59.6, '1m00s'],
      [252, '4m12s'],
      [3600, '1h00m'],
      [7512, '2h05m'],
      [86400 * 3 + 3600 * 4, '3d04h'],
    ];
    for (const [seconds, words] of expected) assert.equal(durationWords(seconds), words);
  });

  it('say how long ago a moment was', () => {
    const now = new Date('2026-03-01T12:00:00Z');
    assert.equal(agoWords('2026-03-01T11:55:48Z', now), '4m12s ago');
    assert.equal(agoWords('yesterday', now), 'yesterday');
  });

  it('say numbers in four digits', () => {
    const expected: [number | null | undefined, string][] = [
      [null, '–'],
      [undefined, '–'],
      [0, '0.000'],
      [0.43121, '0.4312'],
      [1, '1.000'],
      [352.12, '352.1'],
      [12345.6, '12346'],
      [0.00012345, '1.234e-4'],
      [2.5e7, '2.500e+7'],
      [-0.5, '-0.5000'],
    ];
    for (const [value, words] of expected) assert.equal(numberWords(value), words);
  });

  it('count', () => {
    assert.equal(countWords(1, 'bag'), '1 bag');
    assert.equal(countWords(0, 'bag'), '0 bags');
    assert.equal(countWords(2, 'bag'), '2 bags');
  });
});
