/**
 * The control groups of containers that were killed with their cluster: empty, but nobody else would remove them.
 * In: containerd's folder of running containers. Out: their groups are gone, under cgroup v1 and v2.
 */
import { existsSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';

const GROUPS = '/sys/fs/cgroup';

export function removeControlGroups(state: string): void {
  const containers = join(state, 'io.containerd.runtime.v2.task', 'k8s.io');
  if (!existsSync(containers)) return;
  const hierarchies = [GROUPS, ...readdirSync(GROUPS).map((name) => join(GROUPS, name))];
  for (const container of readdirSync(containers))
    for (const hierarchy of hierarchies) removeIfThere(join(hierarchy, 'k8s.io', container));
}

function removeIfThere(group: string): void {
  try {
    rmdirSync(group);
  } catch {
    // not in this hierarchy
  }
}
