// @ts-check
// TensorFlow's libraries and C headers in the cache folder.
// In: a pinned wheel and the cache folder. Out: the path of the folder that holds them, downloaded if need be.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { requireCompiler } from './compile-binding.mjs';
import { downloadWheel } from './download-wheel.mjs';
import { makeFolder } from './make-folder.mjs';
import { MissingPart } from './missing-part.mjs';
import { lastLine, runCommand } from './run-command.mjs';
import { say } from './say.mjs';

const UNPACK = fileURLToPath(new URL('./unpack-wheel.py', import.meta.url));

/**
 * @param {import('./tensorflow-wheels.mjs').Wheel} wheel
 * @param {string} cache
 * @returns {Promise<string>}
 */
export async function tensorflowLibraries(wheel, cache) {
  const folder = librariesFolder(wheel, cache);
  await makeFolder(folder, { wheel: wheel.file, sha256: wheel.sha256 }, async (unfinished) => {
    await requireCompiler(); // nothing is gained from the download without it
    const download = join(unfinished, 'download');
    mkdirSync(download);
    say(`Downloading ${wheel.file} (${Math.round(wheel.bytes / 1e6)} MB, once per machine)`);
    const path = await downloadWheel(wheel, download);
    say(`Unpacking TensorFlow's libraries into ${folder}`);
    const unpacked = await runCommand('python3', [UNPACK, path, unfinished]);
    if (unpacked.code !== 0) {
      throw new MissingPart(
        `${wheel.file} could not be unpacked: ${lastLine(unpacked)}`,
        `Make room in ${cache}`,
      );
    }
    rmSync(download, { recursive: true });
  });
  return folder;
}

/**
 * @param {import('./tensorflow-wheels.mjs').Wheel} wheel
 * @param {string} cache
 */
function librariesFolder(wheel, cache) {
  const [name, version] = wheel.file.split('-');
  return join(
    cache,
    `${String(name).replaceAll('_', '-')}-${version}-${wheel.platform.replace('manylinux_2_27_', '')}`,
  );
}
