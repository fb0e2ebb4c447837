// Versity's S3 gateway (Apache-2.0) in the cache folder, built by Go when it is needed for the first time.
// In: the cache folder. Out: the path of the program.

import { join } from 'node:path';
import { makeFolder } from '../setup/make-folder.mjs';
import { lastLine, runCommand } from '../setup/run-command.mjs';

const VERSION = 'v1.8.0';

/**
 * @param {string} cache
 * @param {(line: string) => void} say
 * @returns {Promise<string>}
 */
export async function installVersitygw(cache, say) {
  const folder = join(cache, `versitygw-${VERSION}-${process.arch}`);
  await makeFolder(folder, { version: VERSION }, async (unfinished) => {
    say(`Building versitygw ${VERSION} with Go (about two minutes, once per machine)`);
    const go = await runCommand('go', ['install', `github.com/versity/versitygw/cmd/versitygw@${VERSION}`], {
      env: { ...process.env, GOBIN: unfinished },
    });
    if (go.code !== 0)
      throw new Error(`versitygw could not be built: ${lastLine(go)}. Install Go and try again`);
  });
  return join(folder, 'versitygw');
}
