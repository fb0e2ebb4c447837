/**
 * The coordinator's decisions as transcripts that people can read: test/scenarios/*.txt.
 * After a change that means to change them: UPDATE_TRANSCRIPTS=1, then read the difference.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { playTranscript } from '../../../support/core-transcript.js';

const FOLDER = new URL('../../../scenarios/', import.meta.url);

describe("the coordinator's core, as transcripts", () => {
  for (const name of readdirSync(FOLDER).filter((file) => file.endsWith('.txt'))) {
    it(name.replace('.txt', '').replaceAll('-', ' '), () => {
      const file = new URL(name, FOLDER);
      const text = readFileSync(file, 'utf8');
      const played = playTranscript(text);
      if (process.env.UPDATE_TRANSCRIPTS) writeFileSync(file, played);
      else assert.equal(played, text);
    });
  }
});
