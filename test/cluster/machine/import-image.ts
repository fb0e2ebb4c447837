/**
 * In: the folder of a cluster with a node, an archive as buildah writes it. Out: pods can use the image by its name.
 */
import { lastLine, runCommand } from '../../../scripts/setup/run-command.mjs';
import { containerdSocket } from './node-settings.js';

export async function importImage(folder: string, archive: string): Promise<void> {
  const imported = await runCommand('ctr', [
    ...['-a', containerdSocket(folder), '-n', 'k8s.io'],
    ...['images', 'import', archive],
  ]);
  if (imported.code !== 0) throw new Error(`containerd could not import ${archive}: ${lastLine(imported)}`);
}
