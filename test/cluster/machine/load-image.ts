/**
 * Takes an image from buildah's storage to the node's containerd.
 * In: the cluster's folder, the image, the name that pods call it by. Out: pods can use it.
 *
 * Only layers that the node lacks are copied: the large ones do not change with every line of code. In the layout
 * that skopeo writes, an empty file stands for each layer that is there already, and stays out of the archive.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { storageReference } from '../../../scripts/images/buildah.mjs';
import { lastLine, runCommand } from '../../../scripts/setup/run-command.mjs';
import { containerdSocket } from './node-settings.js';

const BLOBS = join('blobs', 'sha256');

export async function loadImage(folder: string, image: string, name: string): Promise<void> {
  const present = await blobsOf(folder);
  const layout = mkdtempSync(join(folder, 'image-'));
  mkdirSync(join(layout, BLOBS), { recursive: true });
  for (const digest of present) writeFileSync(join(layout, BLOBS, digest), '');

  const how = ['copy', '--quiet', '--insecure-policy', '--dest-oci-accept-uncompressed-layers'];
  await run('skopeo', [...how, storageReference(image), `oci:${layout}`]);
  nameImage(join(layout, 'index.json'), name);

  const missing = readdirSync(join(layout, BLOBS)).filter((digest) => !present.includes(digest));
  const archive = join(layout, 'image.tar');
  const files = ['oci-layout', 'index.json', ...missing.map((digest) => join(BLOBS, digest))];
  await run('tar', ['--create', '--file', archive, '--directory', layout, ...files]);
  await ctr(folder, ['images', 'import', archive]);
  rmSync(layout, { recursive: true });
}

/** Digests of all layers and descriptions that the node has. */
async function blobsOf(folder: string): Promise<string[]> {
  const listed = await ctr(folder, ['content', 'list', '--quiet']);
  return listed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace('sha256:', ''));
}

function nameImage(path: string, name: string): void {
  const index = JSON.parse(readFileSync(path, 'utf8')) as { manifests: { annotations?: object }[] };
  for (const manifest of index.manifests) manifest.annotations = { 'io.containerd.image.name': name };
  writeFileSync(path, JSON.stringify(index));
}

function ctr(folder: string, args: readonly string[]): Promise<string> {
  return run('ctr', ['--address', containerdSocket(folder), '--namespace', 'k8s.io', ...args]);
}

async function run(program: string, args: string[]): Promise<string> {
  const finished = await runCommand(program, args);
  if (finished.code !== 0) throw new Error(`${program} failed: ${lastLine(finished)}`);
  return finished.stdout;
}
