/**
 * A run that something holds up, followed as a user would follow it.
 * In: a job whose name no other run bears, the words that are to be said. Out: the run once `bagfleet status` says
 * them, with the time that it took; its followed `submit`, which goes on.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CliResult } from '../../support/run-cli.js';
import type { FleetInCluster, JobChanges, RunSeen } from './fleet-in-cluster.js';

const LOOK_MS = 300;
/** Far more than the 10 s that it is meant to take: the machine may be busy. */
const PATIENCE_MS = 60_000;

export interface HeldUp {
  readonly run: string;
  /** What `submit` has said, when it has ended. */
  readonly end: Promise<CliResult>;
  /** Takes the run away, whatever holds it up. */
  cancel(): Promise<void>;
}

export async function heldUp(
  fleet: FleetInCluster,
  name: string,
  changes: JobChanges,
  words: RegExp,
): Promise<HeldUp> {
  const job = fleet.job({ epochs: 1, ...changes, job: { name }, fleet: { workers: 1, ...changes.fleet } });
  const { said, end } = fleet.follow(job);
  const run = await told(fleet, name, words, said);
  const cancel = async () => {
    const cancelled = await fleet.bagfleet('cancel', run);
    assert.equal(cancelled.code, 0, cancelled.stderr);
  };
  return { run, end, cancel };
}

/** By `status` and by `submit`; the time runs from when there is a run. */
async function told(fleet: FleetInCluster, name: string, words: RegExp, said: () => string): Promise<string> {
  const begun = performance.now();
  let since: number | null = null;
  let last = '';
  while (performance.now() - begun < PATIENCE_MS) {
    const seen = await look(fleet, name);
    since ??= seen ? performance.now() : null;
    last = seen ? (seen.problem ?? seen.status?.phase ?? '') : last;
    if (seen && since && words.test(last) && words.test(said())) {
      const seconds = (performance.now() - since) / 1000;
      process.stderr.write(`      told after ${seconds.toFixed(1)} s: ${last}\n`);
      return seen.run;
    }
    await sleep(LOOK_MS);
  }
  return assert.fail(`${name}: not told in ${PATIENCE_MS / 1000} s, but: ${last}; by submit: ${said()}`);
}

/** null before there is such a run. */
async function look(fleet: FleetInCluster, name: string): Promise<RunSeen | null> {
  const { code, stdout } = await fleet.bagfleet('status', name, '--json');
  return code === 0 ? (JSON.parse(stdout) as RunSeen) : null;
}
