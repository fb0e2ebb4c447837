/**
 * Where containerd keeps images, filled beforehand with the one that workers' images grow from: a new cluster gets it
 * by hard links in a moment, while an import takes half a minute.
 * In: the image, the cache folder; the cluster's folder. Out: the cluster's containerd starts with the image.
 *
 * Links are safe: containerd writes no file anew that is whole, but for its databases, which are copied.
 */
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import { makeFolder } from '../../../scripts/setup/make-folder.mjs';
import { lastLine, runCommand } from '../../../scripts/setup/run-command.mjs';
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { guardCluster } from './cluster-guard.js';
import { endProcesses } from './end-processes.js';
import { loadImage } from './load-image.js';
import { startContainerd } from './start-containerd.js';

const PREFIX = 'node-storage-';
/** Two clones whose packages differ may take turns. */
const KEPT = 2;
const DATABASES = [
  'io.containerd.metadata.v1.bolt/meta.db',
  'io.containerd.snapshotter.v1.overlayfs/metadata.db',
];

export async function makeNodeStorage(image: string, cache: string): Promise<void> {
  const folder = join(cache, 'cluster', `${PREFIX}${basename(image).replace(/\W/g, '-')}`);
  await makeFolder(folder, { image }, async (unfinished) => {
    const work = makeTempFolder();
    const removeWork = await guardCluster(work, cache);
    try {
      await startContainerd(work);
      await loadImage(work, image, image);
      await endProcesses(work);
      await run('mv', [join(work, 'containerd'), join(unfinished, 'containerd')]);
    } finally {
      await removeWork();
      removeTempFolder(work);
    }
  });
  utimesSync(folder, new Date(), new Date()); // the next cluster takes the one that was asked for last
  for (const old of storagesIn(cache).slice(KEPT)) rmSync(old, { recursive: true, force: true });
}

/** Without one, or if it is just being replaced, the cluster starts with no images. */
export async function takeNodeStorage(folder: string, cache: string): Promise<void> {
  const [latest] = storagesIn(cache);
  if (latest === undefined) return;
  const from = join(latest, 'containerd');
  const to = join(folder, 'containerd');
  const linked = await runCommand('cp', ['--archive', '--link', from, to]);
  if (linked.code !== 0) return rmSync(to, { recursive: true, force: true });
  for (const database of DATABASES) {
    copyFileSync(join(from, database), join(to, `${database}.copy`));
    renameSync(join(to, `${database}.copy`), join(to, database));
  }
}

/** The latest first. */
function storagesIn(cache: string): string[] {
  const folder = join(cache, 'cluster');
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.startsWith(PREFIX))
    .map((name) => join(folder, name))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
}

async function run(program: string, args: string[]): Promise<void> {
  const finished = await runCommand(program, args);
  if (finished.code !== 0) throw new Error(`${program} failed: ${lastLine(finished)}`);
}
