/**
 * The worker's image of the clone as it is built now (`dist`), on a base from the machine's own packages.
 * In: what to tell whoever waits. Out: the image's name in buildah's storage; made only if something has changed.
 *
 * All below the last stage is an image of its own that a changed line of code leaves alone: the last stage, taken from
 * the same Dockerfile, is then built in a second instead of a quarter of a minute.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildImage } from '../../../scripts/images/build-image.mjs';
import { buildah, hasImage, ownBuildah } from '../../../scripts/images/buildah.mjs';
import { debianBase } from '../../../scripts/images/debian-base.mjs';
import { cacheFolder } from '../../../scripts/setup/cache-folder.mjs';
import { textDigest } from '../../../scripts/setup/file-digest.mjs';
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { makeNodeStorage } from './node-storage.js';

/** What pods call it. */
export const TEST_IMAGE = 'localhost/bagfleet:test';

const CLONE = fileURLToPath(new URL('../../..', import.meta.url));
const DOCKERFILE = join(CLONE, 'k8s', 'images', 'worker-cpu.Dockerfile');
const LAST_STAGE = 'FROM runtime\n';
const PACKAGES = ['.', 'proto', 'worker', 'orchestrator'].map((folder) => join(folder, 'package.json'));
const SOURCES = [
  ...['package-lock.json', '.npmrc', 'scripts/setup'],
  ...['scripts/images/install-tensorflow.mjs', 'scripts/images/keep-what-runs.mjs'],
];
const BUILT = ['bin', 'proto/dist', 'worker/dist', 'orchestrator/dist'];

export async function makeTestImage(say: (line: string) => void): Promise<string> {
  const [below = '', last = ''] = readFileSync(DOCKERFILE, 'utf8').split(LAST_STAGE);
  const base = await debianBase(say);
  const runtime = `localhost/bagfleet-runtime:${digestOf([base, below, ...PACKAGES.map(withoutScripts)], SOURCES)}`;
  if (!(await hasImage(runtime))) {
    say('Building the image of a worker (two minutes, once for each list of packages)');
    const buildArguments = { BASE: base };
    await buildImage({
      ...{ dockerfile: 'worker-cpu', target: 'runtime' },
      ...{ program: ownBuildah(), buildArguments, image: runtime },
    });
  }
  await makeNodeStorage(runtime, cacheFolder());
  const image = `localhost/bagfleet-test:${digestOf([runtime, last], BUILT)}`;
  if (!(await hasImage(image))) await addBuilt(`FROM ${runtime}\n${last}`, image);
  return image;
}

async function addBuilt(dockerfile: string, image: string): Promise<void> {
  const folder = makeTempFolder();
  try {
    const file = join(folder, 'Dockerfile');
    writeFileSync(file, dockerfile);
    await buildah(['bud', '--isolation', 'chroot', '--layers', '--file', file, '--tag', image, CLONE]);
  } finally {
    removeTempFolder(folder);
  }
}

/** Of texts, and of files and all files below folders of the clone. */
function digestOf(texts: readonly string[], paths: readonly string[]): string {
  const files = paths.flatMap((path) => filesAt(join(CLONE, path)));
  return textDigest(
    JSON.stringify([texts, files.map((file) => [relative(CLONE, file), readFileSync(file, 'utf8')])]),
  ).slice(0, 12);
}

/** What `npm run` can do changes often and does not matter in an image. */
function withoutScripts(path: string): string {
  return JSON.stringify({ ...JSON.parse(readFileSync(join(CLONE, path), 'utf8')), scripts: undefined });
}

function filesAt(path: string): string[] {
  try {
    return readdirSync(path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch {
    return [path];
  }
}
