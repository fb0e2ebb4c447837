// The packages that package-lock.json names, in node_modules.
// In: the clone. Out: `npm ci` has run if what is installed is not what the lock file says.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';
import { say } from './say.mjs';

/**
 * @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lock
 */

/**
 * Install scripts stay off: the only package that needs one is tfjs-node, and set-up does its work.
 * @param {string} clone
 * @returns {Promise<void>}
 */
export async function installDependencies(clone) {
  const difference = lockDifference(readLock(join(clone, 'package-lock.json')), installedLock(clone));
  if (difference === undefined) return say('The npm packages are up to date');
  say(`Installing the npm packages (${difference})`);
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const finished = await runCommand('npm', args, { cwd: clone, show: true });
  if (finished.code !== 0) {
    throw new Error('`npm ci` failed (see above). Connect to the npm registry and run `npm run setup` again');
  }
}

/**
 * Why node_modules is not what the lock file says, or undefined if it is.
 * @param {Lock} wanted
 * @param {Lock | undefined} installed  npm's own record of what it installed
 * @returns {string | undefined}
 */
export function lockDifference(wanted, installed) {
  if (installed === undefined) return 'none are installed yet';
  const names = Object.keys(wanted.packages).filter((name) => name.includes('node_modules/'));
  const changed = names.find((name) => !satisfied(wanted.packages[name], installed.packages[name]));
  if (changed !== undefined) return `${changed} is not the version in package-lock.json`;
  const extra = Object.keys(installed.packages).find((name) => !(name in wanted.packages));
  return extra === undefined ? undefined : `${extra} is not in package-lock.json`;
}

/**
 * An optional package may be missing: it is for another platform.
 * @param {LockEntry | undefined} wanted
 * @param {LockEntry | undefined} installed
 */
function satisfied(wanted, installed) {
  if (installed === undefined) return wanted?.optional === true;
  return wanted?.version === installed.version && wanted?.integrity === installed.integrity;
}

/** @param {string} clone */
function installedLock(clone) {
  const path = join(clone, 'node_modules', '.package-lock.json');
  return existsSync(path) ? readLock(path) : undefined;
}

/**
 * @param {string} path
 * @returns {Lock}
 */
function readLock(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
