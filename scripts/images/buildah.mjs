// @ts-check
// buildah with a storage of its own in the cache folder, as root and without a daemon.
// In: its arguments. Out: what it printed; an error that quotes it if it failed.

import { join } from 'node:path';
import { cacheFolder } from '../setup/cache-folder.mjs';
import { lastLine, runCommand } from '../setup/run-command.mjs';

/**
 * @param {string[]} args
 * @param {{ show?: boolean }} [how]  `show` passes its output through
 * @returns {Promise<string>}
 */
export async function buildah(args, how = {}) {
  const storage = join(cacheFolder(), 'images');
  const where = ['--root', join(storage, 'storage'), '--runroot', join(storage, 'run')];
  const finished = await runCommand('buildah', [...where, '--storage-driver', 'overlay', ...args], how);
  if (finished.code !== 0) throw new Error(`buildah ${args[0]} failed: ${lastLine(finished)}`);
  return finished.stdout;
}
