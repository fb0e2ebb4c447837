/**
 * containerd with a socket, a state and images of its own.
 * In: the cluster's folder. Out: it answers.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../../scripts/setup/run-command.mjs';
import { type ClusterProcess, startProcess, untilReady } from './cluster-process.js';
import { containerdSettings, containerdSocket } from './node-settings.js';

const READY_WITHIN_MS = 90_000;

export async function startContainerd(folder: string): Promise<ClusterProcess> {
  const settings = join(folder, 'containerd.toml');
  writeFileSync(settings, containerdSettings(folder));
  const containerd = startProcess(folder, 'containerd', 'containerd', ['--config', settings]);
  await untilReady('containerd', READY_WITHIN_MS, [containerd], async () => {
    const asked = await runCommand('ctr', ['--address', containerdSocket(folder), 'version']);
    return asked.code === 0;
  });
  return containerd;
}
