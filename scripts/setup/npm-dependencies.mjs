// @ts-check
// The packages that package-lock.json names, in node_modules.
// In: the clone. Out: `npm ci` has run, unless a stamp in node_modules says that it ran for this lock file.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { textDigest } from './file-digest.mjs';
import { runCommand } from './run-command.mjs';
import { say } from './say.mjs';

/**
 * Install scripts stay off: the only package that needs one is tfjs-node, and set-up does its work.
 * @param {string} clone
 * @returns {Promise<void>}
 */
export async function installDependencies(clone) {
  if (isInstalled(clone)) return say('The npm packages are up to date');
  say('Installing the npm packages');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const finished = await runCommand('npm', args, { cwd: clone, show: true });
  if (finished.code !== 0) {
    throw new Error('`npm ci` failed (see above). Mend that and run `npm run setup` again');
  }
  writeFileSync(stampPath(clone), stampOf(clone));
}

/**
 * npm removes node_modules, and the stamp with it, whenever it installs anew.
 * @param {string} clone
 * @returns {boolean}
 */
export function isInstalled(clone) {
  try {
    return readFileSync(stampPath(clone), 'utf8') === stampOf(clone);
  } catch {
    return false;
  }
}

/** @param {string} clone */
function stampPath(clone) {
  return join(clone, 'node_modules', '.bagfleet-installed');
}

/**
 * The packages are those of a lock file on a platform.
 * @param {string} clone
 */
export function stampOf(clone) {
  const lock = readFileSync(join(clone, 'package-lock.json'), 'utf8');
  return `${process.platform}-${process.arch} ${textDigest(lock)}\n`;
}
