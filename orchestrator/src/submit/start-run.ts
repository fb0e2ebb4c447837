/**
 * Begins a run: its folder with job.json, and a coordinator process that outlives the terminal.
 * In: a checked job. Out: the run's name and folder, and when its coordinator ended.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type JobSpec, RUN_FILES } from '@bagfleet/proto';
import { openStore } from '@bagfleet/worker/storage/open-store';

export interface StartedRun {
  readonly run: string;
  /** The run's folder. */
  readonly uri: string;
  /** What the coordinator process wrote to its own output: empty unless something is very wrong. */
  readonly words: () => string;
  /** True once the coordinator process has ended. */
  readonly ended: () => boolean;
  /** Stop holding this process open for the coordinator. */
  readonly letGo: () => void;
}

export async function startRun(job: JobSpec, now: Date): Promise<StartedRun> {
  const run = runName(job.name, now);
  const uri = `${job.store.uri.replace(/\/+$/, '')}/${run}`;
  const store = await openStore(uri, job.store);
  try {
    await store.put(RUN_FILES.job, Buffer.from(`${JSON.stringify(job, null, 2)}\n`), { ifAbsent: true });
  } finally {
    store.close();
  }
  const log = join(tmpdir(), `bagfleet-${run}.log`);
  const child = spawnCoordinator(job, uri, log);
  let ended = false;
  child.once('exit', () => {
    ended = true;
  });
  return { run, uri, words: () => readWords(log), ended: () => ended, letGo: () => child.unref() };
}

/** mnist-bags-20261123-204512-9f3a: sorts by time, unique enough for one store. */
export function runName(name: string, now: Date): string {
  const stamp = now.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${name}-${stamp}-${randomBytes(2).toString('hex')}`;
}

function spawnCoordinator(job: JobSpec, uri: string, log: string): ChildProcess {
  const entry = fileURLToPath(new URL('../coordinator/coordinator-main.js', import.meta.url));
  const output = openSync(log, 'w', 0o600);
  try {
    return spawn(process.execPath, ['--enable-source-maps', entry], {
      env: {
        ...process.env,
        BAGFLEET_RUN: uri,
        BAGFLEET_RUN_STORE: JSON.stringify(job.store),
        BAGFLEET_LOG: log,
      },
      stdio: ['ignore', output, output],
      // A session of its own: it goes on when the terminal is closed.
      detached: true,
    });
  } finally {
    closeSync(output);
  }
}

function readWords(log: string): string {
  try {
    const words = readFileSync(log, 'utf8').trim();
    rmSync(log, { force: true });
    return words;
  } catch {
    return '';
  }
}
