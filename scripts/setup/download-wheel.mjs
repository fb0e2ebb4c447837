// @ts-check
// Fetches a pinned TensorFlow wheel with pip and checks it.
// In: a wheel of tensorflow-wheels.mjs and an empty folder. Out: the path of the verified file in that folder.

import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileDigest } from './file-digest.mjs';
import { MissingPart } from './missing-part.mjs';
import { lastLine, runCommand } from './run-command.mjs';
import { progress } from './say.mjs';
import { PYTHON_TAG, PYTHON_VERSION, TENSORFLOW_VERSION } from './tensorflow-wheels.mjs';

const LOOK_EVERY_MS = 200;

/**
 * @param {import('./tensorflow-wheels.mjs').Wheel} wheel
 * @param {string} folder
 * @returns {Promise<string>}
 */
export async function downloadWheel(wheel, folder) {
  await requirePip();
  const finished = await whileWatching(folder, wheel, () => runPip(wheel, folder));
  if (finished.code !== 0) {
    throw new MissingPart(
      `pip could not download ${wheel.file}: ${lastLine(finished)}`,
      'Connect to the Python package index (or set PIP_INDEX_URL to a mirror) and run `npm run setup` again',
    );
  }
  const path = join(folder, wheel.file);
  await verify(path, wheel);
  return path;
}

async function requirePip() {
  const python = await runCommand('python3', ['--version']);
  if (python.code !== 0) {
    throw new MissingPart(
      'python3 is not installed',
      'Install python3 and pip and run `npm run setup` again',
    );
  }
  const pip = await runCommand('python3', ['-m', 'pip', '--version']);
  if (pip.code !== 0) {
    throw new MissingPart(
      'pip is not installed for python3',
      'Install it (on Debian and Ubuntu: `apt install python3-pip`) and run `npm run setup` again',
    );
  }
}

/**
 * pip keeps its unfinished file in TMPDIR: that is our folder too, so nothing is written elsewhere.
 * @param {import('./tensorflow-wheels.mjs').Wheel} wheel
 * @param {string} folder
 */
function runPip(wheel, folder) {
  const which = ['--python-version', PYTHON_VERSION, '--implementation', 'cp', '--abi', PYTHON_TAG];
  const how = ['--no-deps', '--only-binary=:all:', '--no-cache-dir', '--progress-bar', 'off'];
  const what = ['--platform', wheel.platform, `${wheel.distribution}==${TENSORFLOW_VERSION}`];
  return runCommand('python3', ['-m', 'pip', 'download', ...how, ...which, '-d', folder, ...what], {
    env: { ...process.env, TMPDIR: folder, PIP_DISABLE_PIP_VERSION_CHECK: '1' },
  });
}

/**
 * @template T
 * @param {string} folder
 * @param {import('./tensorflow-wheels.mjs').Wheel} wheel
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function whileWatching(folder, wheel, work) {
  const line = progress('received', wheel.bytes);
  const timer = setInterval(() => line.show(largestFile(folder)), LOOK_EVERY_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    line.end();
  }
}

/**
 * Bytes of the largest file below a folder; files may come and go while it looks.
 * @param {string} folder
 * @returns {number}
 */
function largestFile(folder) {
  try {
    const sizes = readdirSync(folder, { withFileTypes: true }).map((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? largestFile(path) : statSync(path).size;
    });
    return Math.max(0, ...sizes);
  } catch {
    return 0;
  }
}

/**
 * @param {string} path
 * @param {import('./tensorflow-wheels.mjs').Wheel} wheel
 */
async function verify(path, wheel) {
  const digest = await fileDigest(path).catch(() => undefined);
  if (digest === wheel.sha256) return;
  throw new MissingPart(
    digest === undefined
      ? `pip brought another file than ${wheel.file}`
      : `${wheel.file} has sha256 ${digest}, and ${wheel.sha256} is pinned`,
    'Check the package index that pip is configured with (`python3 -m pip config list`)',
  );
}
