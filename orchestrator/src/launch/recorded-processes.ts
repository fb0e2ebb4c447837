/**
 * Which processes were started for a run, kept beside their output: a coordinator that takes over can end those that
 * never report to it, such as one that is stopped.
 * In: a run's folder of worker output. Out: process ids on file; SIGKILL to those that are still that worker.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signalProcess } from './process-id.js';

const FILE = 'processes';

export function recordProcess(folder: string, worker: string, pid: number): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(join(folder, FILE), `${worker} ${pid}\n`);
}

/** Those that are chosen. An id that another process bears by now is left alone. */
export function endRecorded(
  folder: string,
  runId: string,
  isChosen: (worker: string, pid: number) => boolean,
): void {
  const file = join(folder, FILE);
  if (!existsSync(file)) return;
  for (const line of readFileSync(file, 'utf8').trim().split('\n')) {
    const [worker, id] = line.split(' ');
    const pid = Number(id);
    if (isChosen(worker, pid) && isStill(pid, runId, worker)) signalProcess(pid, 'SIGKILL');
  }
}

/** By its environment, where that can be read (Linux); elsewhere nobody is ended. */
function isStill(pid: number, runId: string, worker: string): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const isOfRun = environment.some(
      (entry) => entry.startsWith('BAGFLEET_RUN=') && entry.endsWith(`/${runId}`),
    );
    return isOfRun && environment.includes(`BAGFLEET_WORKER=${worker}`);
  } catch {
    return false;
  }
}
