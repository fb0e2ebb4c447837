/** Durations, sizes and rates as people read them. */
import assert from 'node:assert/strict';
import { formatBytes } from '@bagfleet/orchestrator/report/byte-size';
import { formatDuration } from '@bagfleet/orchestrator/report/duration';
import { spoken } from '@bagfleet/orchestrator/report/metric-words';
import { formatPerSecond } from '@bagfleet/orchestrator/report/per-second';
import fc from 'fast-check';

const table = <T>(format: (value: T) => string, rows: readonly (readonly [T, string])[]) => {
  for (const [value, text] of rows) assert.equal(format(value), text);
};

describe('amounts', () => {
  it('durations', () => {
    table(formatDuration, [
      [0, '0:00'],
      [-3, '0:00'],
      [41.6, '0:42'],
      [59.5, '1:00'],
      [727, '12:07'],
      [3599.6, '1:00:00'],
      [11_045, '3:04:05'],
      [183_845, '2 d 03:04'],
      [NaN, '-:--'],
      [Infinity, '-:--'],
    ]);
  });

  it('durations read back as their seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 86_399 }), (seconds) => {
        const read = formatDuration(seconds)
          .split(':')
          .reduce((sum, part) => 60 * sum + Number(part), 0);
        assert.equal(read, seconds);
      }),
    );
  });

  it('sizes', () => {
    table(formatBytes, [
      [0, '0 B'],
      [999, '999 B'],
      [1000, '0.98 KiB'],
      [1536, '1.50 KiB'],
      [241_172_480, '230 MiB'],
      [1024 ** 3 - 1, '1.00 GiB'],
      [1.5 * 1024 ** 6, '1536 PiB'],
    ]);
  });

  it('rates', () => {
    table(formatPerSecond, [
      [0, '0.00'],
      [0.416, '0.42'],
      [9.996, '10.0'],
      [41.26, '41.3'],
      [412.4, '412'],
      [999.6, '1.00k'],
      [123_456, '123k'],
      [1_234_567, '1.23M'],
    ]);
  });

  it('metrics', () => {
    table(spoken, [
      ['auc', 'AUC'],
      ['balancedAccuracy', 'balanced accuracy'],
      ['loss', 'loss'],
    ]);
  });
});
