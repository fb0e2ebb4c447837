/**
 * Ends all that belongs to a cluster and removes what it leaves, whether it still works or was killed half-way.
 * In: the cluster's folder. Out: its processes, containers, control groups, mounts and folder are gone.
 */
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../../scripts/setup/run-command.mjs';
import { removeControlGroups } from './control-groups.js';
import { endProcesses } from './end-processes.js';

export async function removeCluster(folder: string): Promise<void> {
  await endProcesses(folder);
  removeControlGroups(join(folder, 'state'));
  for (const mount of mountsBelow(folder)) await runCommand('umount', ['--lazy', mount]);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** The innermost first. */
function mountsBelow(folder: string): string[] {
  return readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(`${folder}/`))
    .sort()
    .reverse();
}
