/**
 * Sees to it that a cluster is removed whatever happens to us, and that those of killed guards are, too.
 * In: the cluster's folder, the cache folder, where started clusters are written down. Out: a way to end it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { removeCluster } from './remove-cluster.js';

const CLONE = fileURLToPath(new URL('../../..', import.meta.url));
const GUARD = fileURLToPath(new URL('./guard.ts', import.meta.url));

interface Started {
  readonly folder: string;
  readonly guard: number;
}

/** Returns what ends the cluster: when it is done, nothing of it is left. */
export async function guardCluster(folder: string, cache: string): Promise<() => Promise<void>> {
  const started = join(cache, 'cluster', 'started');
  mkdirSync(started, { recursive: true });
  await removeLeftOver(started);

  const guard = spawn(process.execPath, ['--import', 'tsx/esm', GUARD, folder], {
    cwd: CLONE,
    stdio: ['pipe', 'ignore', 'inherit'],
    detached: true,
  });
  const ended = once(guard, 'exit');
  const note = join(started, `${guard.pid}.json`);
  writeFileSync(`${note}.new`, JSON.stringify({ folder, guard: guard.pid ?? 0 } satisfies Started));
  renameSync(`${note}.new`, note);
  guard.stdin.on('error', () => {});
  guard.unref();
  return async () => {
    guard.ref();
    guard.stdin.end();
    const [code] = await ended;
    if (code !== 0) throw new Error(`the test cluster in ${folder} could not be removed`);
    rmSync(note, { force: true });
  };
}

async function removeLeftOver(started: string): Promise<void> {
  for (const name of readdirSync(started).filter((name) => name.endsWith('.json'))) {
    const note = join(started, name);
    const { folder, guard } = JSON.parse(readFileSync(note, 'utf8')) as Started;
    if (isGuardOf(guard, folder)) continue;
    await removeCluster(folder);
    rmSync(note, { force: true });
  }
}

function isGuardOf(pid: number, folder: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(folder);
  } catch {
    return false;
  }
}
