/** The line that counts a download. */
import assert from 'node:assert/strict';
import { progressText } from '../../../../scripts/setup/say.mjs';

describe('the progress of a download', () => {
  it('counts megabytes and percent, rounded down', () => {
    assert.equal(progressText(0, 274e6), '0 of 274 MB (0%)');
    assert.equal(progressText(120.4e6, 274e6), '120 of 274 MB (43%)');
    assert.equal(progressText(273.9e6, 274e6), '274 of 274 MB (99%)');
  });

  it('never passes the end', () => {
    assert.equal(progressText(300e6, 274e6), '274 of 274 MB (100%)');
  });
});
