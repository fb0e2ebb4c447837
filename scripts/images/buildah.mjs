// @ts-check
// buildah with a storage of its own in the cache folder, as root and without a daemon.
// In: its arguments. Out: what it printed; an error that quotes it if it failed.

import { join } from 'node:path';
import { cacheFolder } from '../setup/cache-folder.mjs';
import { lastLine, runCommand } from '../setup/run-command.mjs';

/** The program with all that stands before its command. @returns {string[]} */
export function ownBuildah() {
  const { storage, run } = places();
  return ['buildah', '--root', storage, '--runroot', run, '--storage-driver', 'overlay'];
}

/** What skopeo calls an image of this storage. @param {string} image */
export function storageReference(image) {
  const { storage, run } = places();
  return `containers-storage:[overlay@${storage}+${run}]${image}`;
}

/**
 * @param {string[]} args
 * @returns {Promise<string>}
 */
export async function buildah(args) {
  const [file = '', ...before] = ownBuildah();
  const finished = await runCommand(file, [...before, ...args]);
  if (finished.code !== 0) throw new Error(`buildah ${args[0]} failed: ${lastLine(finished)}`);
  return finished.stdout;
}

/**
 * @param {string} image
 * @returns {Promise<boolean>}
 */
export async function hasImage(image) {
  const names = await buildah(['images', '--noheading', '--format', '{{.Name}}:{{.Tag}}']);
  return names.split('\n').includes(image);
}

function places() {
  const folder = join(cacheFolder(), 'images');
  return { storage: join(folder, 'storage'), run: join(folder, 'run') };
}
