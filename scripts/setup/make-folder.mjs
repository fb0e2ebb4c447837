// @ts-check
// Makes a folder in one step: it is filled under a name of its own and renamed when it is whole.
// Two set-ups at once each fill their own; the first rename wins and the other is thrown away.

import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isWhole, stampFolder } from './folder-stamp.mjs';

/** More than as many set-ups as start at one moment. */
const ATTEMPTS = 20;

/**
 * Returns at once if the folder is whole; otherwise fills it anew.
 * @param {string} folder  absolute path
 * @param {Record<string, string>} origin  what decides whether the folder is up to date
 * @param {(unfinished: string) => Promise<void>} fill  writes the files into the given empty folder
 * @returns {Promise<void>}
 */
export async function makeFolder(folder, origin, fill) {
  if (isWhole(folder, origin)) return;
  mkdirSync(dirname(folder), { recursive: true });
  const unfinished = mkdtempSync(join(dirname(folder), `.${basename(folder)}-`));
  const stopTidying = removeOnSignal(unfinished);
  try {
    await fill(unfinished);
    chmodSync(unfinished, 0o755); // mkdtemp makes it private, but others may run what one user set up
    stampFolder(unfinished, origin);
    putInPlace(unfinished, folder, origin);
  } finally {
    stopTidying();
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/**
 * Ends when the folder is whole: by our rename or by that of another set-up.
 * @param {string} unfinished
 * @param {string} folder
 * @param {Record<string, string>} origin
 */
function putInPlace(unfinished, folder, origin) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (isWhole(folder, origin)) return;
    discard(folder);
    if (renamed(unfinished, folder)) return;
  }
  throw new Error(`${folder} could not be put in place: other programs keep changing it`);
}

/**
 * A broken folder is renamed before it is deleted, so that nobody sees it half deleted.
 * @param {string} folder
 */
function discard(folder) {
  const aside = mkdtempSync(join(dirname(folder), '.discarded-'));
  renamed(folder, join(aside, 'old'));
  rmSync(aside, { recursive: true, force: true });
}

/**
 * False if there is nothing to rename, or something in the way.
 * @param {string} from
 * @param {string} to
 */
function renamed(from, to) {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === 'ENOENT' || code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * @param {string} folder
 * @returns {() => void} stops it
 */
function removeOnSignal(folder) {
  /** @param {NodeJS.Signals} signal */
  const remove = (signal) => {
    rmSync(folder, { recursive: true, force: true });
    process.exit(signal === 'SIGINT' ? 130 : 143);
  };
  process.once('SIGINT', remove).once('SIGTERM', remove);
  return () => void process.off('SIGINT', remove).off('SIGTERM', remove);
}
