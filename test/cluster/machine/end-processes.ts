/**
 * Ends all processes of a cluster, its containers included, whether it still works or was killed half-way.
 * In: the cluster's folder. Out: they are gone.
 *
 * A process is the cluster's own if it is one of the cluster's programs and its command line names the folder.
 * The kubelet goes first, which would start pods again, and etcd last, without which the API server hangs.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const SHIM = 'containerd-shim-runc-v2';
const ORDER = [
  ...['kwok', 'kubelet', 'containerd', SHIM],
  ...['kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'kubectl', 'etcd'],
];
const ENDS_WITHIN_MS = 10_000;

export async function endProcesses(folder: string): Promise<void> {
  for (const program of ORDER) {
    const found = processIds().filter((pid) => programOf(pid, folder) === program);
    // A container's first process takes all others with it; a shim would outlive it.
    if (program === SHIM) await endAll(processIds().filter((pid) => found.includes(parentOf(pid))));
    await endAll(found);
  }
}

/** Which of the cluster's programs it is; null if none. */
function programOf(pid: number, folder: string): string | null {
  const [path = '', ...words] = read(pid, 'cmdline').split('\0');
  if (!words.some((word) => word.includes(`${folder}/`))) return null;
  const name = basename(path);
  return name === 'kubebox' ? (words[0] ?? null) : name;
}

async function endAll(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
  const deadline = performance.now() + ENDS_WITHIN_MS;
  while (pids.some(isAlive) && performance.now() < deadline) await sleep(10);
}

function isAlive(pid: number): boolean {
  const status = read(pid, 'status');
  return status !== '' && !/^State:\s+[ZX]/m.test(status);
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s+(\d+)/m.exec(read(pid, 'status'))?.[1] ?? 0);
}

function processIds(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** Empty for a process that has ended. */
function read(pid: number, file: 'cmdline' | 'status'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
