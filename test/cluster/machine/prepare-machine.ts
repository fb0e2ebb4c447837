/**
 * What the long suites build once per machine, built ahead: `.ci/run` starts it beside `npm test`, which leaves half of
 * two cores idle. In: nothing. Out: lines of what is built; whatever can't be is told here, and again by its suite.
 */
import { debianBase } from '../../../scripts/images/debian-base.mjs';
import { installVersitygw } from '../../../scripts/s3-server/install-versitygw.mjs';
import { cacheFolder } from '../../../scripts/setup/cache-folder.mjs';
import { buildKubebox } from './build-kubebox.js';
import { installKwok } from './install-kwok.js';
import { installPrograms } from './install-programs.js';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const cache = cacheFolder();
const parts: readonly (() => Promise<unknown>)[] = [
  () => installVersitygw(cache, say),
  () => installPrograms(say),
  () => buildKubebox(cache, say),
  () => debianBase(say),
  () => installKwok(cache, say),
];
for (const part of parts)
  try {
    await part();
  } catch (error) {
    say(String(error));
  }
