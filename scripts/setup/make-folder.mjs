// Makes a folder in one step: it is filled under a name of its own and renamed when it is whole.
// Two set-ups at once each fill their own; the first rename wins and the other is thrown away.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isWhole, stampFolder } from './folder-stamp.mjs';

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
 * @param {string} unfinished
 * @param {string} folder
 * @param {Record<string, string>} origin
 */
function putInPlace(unfinished, folder, origin) {
  if (isWhole(folder, origin)) return;
  if (existsSync(folder)) discard(folder);
  try {
    renameSync(unfinished, folder);
  } catch (error) {
    if (!isWhole(folder, origin)) throw error;
  }
}

/**
 * A broken folder is renamed before it is deleted, so that nobody sees it half deleted.
 * @param {string} folder
 */
function discard(folder) {
  const aside = mkdtempSync(join(dirname(folder), '.discarded-'));
  renameSync(folder, join(aside, 'old'));
  rmSync(aside, { recursive: true, force: true });
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
