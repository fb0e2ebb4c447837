/**
 * The processes of a local run, found by what stands in their environment (Linux).
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RUN_FILES, type RunStatus } from '@bagfleet/proto';

const STARTS_WITHIN_MS = 40_000;

/** Process ids of a run's `keeper` or `coordinator`, of one of its workers (`w0`), or of its `follower`: a command. */
export function childrenOf(run: string, who: string): number[] {
  const found = processes().filter((pid) => isOf(pid, run, who));
  assert.ok(found.length > 0, `no process of ${who} in run ${run}`);
  return found;
}

/** Every process that works for a run. */
export function processesOf(run: string): number[] {
  return processes().filter((pid) => belongsTo(pid, run));
}

export function endProcess(pid: number, signal: NodeJS.Signals): void {
  process.kill(pid, signal);
}

/** The status of the one run in a folder of runs, once it is as wanted. */
export async function untilStatus(runs: string, wanted: (status: RunStatus) => boolean): Promise<RunStatus> {
  const deadline = performance.now() + STARTS_WITHIN_MS;
  let last = 'no status';
  for (;;) {
    const [run] = existsSync(runs) ? readdirSync(runs) : [];
    const file = run === undefined ? null : join(runs, run, RUN_FILES.status);
    if (file && existsSync(file)) {
      const status = JSON.parse(readFileSync(file, 'utf8')) as RunStatus;
      if (wanted(status)) return status;
      last = JSON.stringify(status);
    }
    assert.ok(performance.now() < deadline, `the run did not get that far in time: ${last}`);
    await sleep(100);
  }
}

function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function belongsTo(pid: number, run: string): boolean {
  return read(pid, 'environ').some((entry) => entry.startsWith('BAGFLEET_RUN=') && entry.endsWith(`/${run}`));
}

function isOf(pid: number, run: string, who: string): boolean {
  const words = read(pid, 'cmdline');
  const environment = read(pid, 'environ');
  if (who === 'follower')
    return (
      words.some((word) => word === 'submit' || word === 'resume') &&
      environment.includes(`BAGFLEET_TEST_RUN=${process.env.BAGFLEET_TEST_RUN}`)
    );
  if (who === 'coordinator' || who === 'keeper')
    return belongsTo(pid, run) && words.some((word) => word.endsWith(`${who}-main.js`));
  return belongsTo(pid, run) && environment.includes(`BAGFLEET_WORKER=${who}`);
}

function read(pid: number, file: 'cmdline' | 'environ'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
