/**
 * One run under chaos: workers killed in every phase, stopped, cut off; the coordinator killed twice and once
 * stopped until its lease is gone; the fleet scaled from one to three and down to two.
 * In: a seed. Out: the finished run, what hit it where, and how many steps had to be done again.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FaultPhase, FINAL_STATES, type RunStatus } from '@bagfleet/proto';
import { chaosPlan, KILL_PHASES, MID_STEP, type RunLength } from './chaos-plan.js';
import { type FaultyRun, faultyRun } from './faulty-run.js';
import { runCli } from './run-cli.js';
import { childrenOf, endProcess, untilStatus } from './run-processes.js';
import { ledgerOf } from './trained-run.js';

export interface ChaosSetting {
  readonly seed: number;
  /** A folder of this run's own. */
  readonly folder: string;
  readonly manifest: string;
  readonly fields: Readonly<Record<string, unknown>>;
  readonly length: RunLength;
  readonly within: number;
}

export interface ChaosRun extends FaultyRun {
  /** Kills that happened, by phase. */
  readonly kills: ReadonlyMap<FaultPhase, number>;
  /** Kills in mid-step after which the step was done again by a later generation. */
  readonly redone: number;
  readonly coordinatorKills: number;
}

/** Once so many workers were killed, the coordinator is: killed, stopped, killed. */
const KILL_COORDINATOR_AT = [6, 20];
const STOP_COORDINATOR_AT = 12;
const LEASE_IS_GONE_MS = 9000;

export async function chaosRun(setting: ChaosSetting): Promise<ChaosRun> {
  const { seed, folder, manifest, fields, length, within } = setting;
  const orders = chaosPlan(seed, length);
  let coordinatorKills = 0;
  const run = await faultyRun({
    folder,
    manifest,
    fields: { ...fields, 'fleet.workers': 1 },
    orders,
    within,
    meanwhile: async (runs) => {
      const { run: id } = await untilStatus(runs, ({ state, epoch }) => state === 'running' && epoch > 0);
      await scale(runs, id, 3);
      coordinatorKills = await disturbCoordinators(join(folder, 'faults.json.fired'), runs, id);
      await untilKills(folder, runs, id, 30);
      if (!isOver(runs, id)) await scale(runs, id, 2);
    },
  });
  return {
    ...run,
    kills: killsOf(run),
    redone: redoneIn(run, `${folder}/faults.json.fired`),
    coordinatorKills,
  };
}

/** Resolves with how many were killed; it is an error if one of them could not be. */
async function disturbCoordinators(fired: string, runs: string, id: string): Promise<number> {
  const [first, second] = KILL_COORDINATOR_AT;
  await until(() => killCount(fired) >= first || isOver(runs, id));
  endProcess(await coordinator(id), 'SIGKILL');
  await until(() => killCount(fired) >= STOP_COORDINATOR_AT || isOver(runs, id));
  const stopped = await coordinator(id);
  endProcess(stopped, 'SIGSTOP');
  await sleep(LEASE_IS_GONE_MS);
  endProcess(stopped, 'SIGCONT');
  await until(() => killCount(fired) >= second || isOver(runs, id));
  endProcess(await coordinator(id), 'SIGKILL');
  return KILL_COORDINATOR_AT.length;
}

/** The newest coordinator process, once there is one. */
async function coordinator(id: string): Promise<number> {
  for (let tries = 0; ; tries++) {
    try {
      return Math.max(...childrenOf(id, 'coordinator'));
    } catch (error) {
      if (tries === 50) throw error;
      await sleep(100);
    }
  }
}

async function untilKills(folder: string, runs: string, id: string, count: number): Promise<void> {
  await until(() => killCount(join(folder, 'faults.json.fired')) >= count || isOver(runs, id));
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(100); // the run's own deadline ends this: a run that is over is told
}

function isOver(runs: string, id: string): boolean {
  const status = JSON.parse(readFileSync(join(runs, id, 'status.json'), 'utf8')) as RunStatus;
  return (FINAL_STATES as readonly string[]).includes(status.state);
}

async function scale(runs: string, id: string, workers: number): Promise<void> {
  const words = ['scale', id, '--workers', String(workers), '--store', runs, '--no-wait'];
  const { code, stderr } = await runCli(words);
  assert.equal(code, 0, stderr);
}

function killCount(fired: string): number {
  return existsSync(fired) ? readdirSync(fired).filter((name) => name.endsWith('-kill')).length : 0;
}

function killsOf(run: FaultyRun): Map<FaultPhase, number> {
  const kills = new Map<FaultPhase, number>(KILL_PHASES.map((phase) => [phase, 0]));
  for (const order of run.marks.values())
    if (order.act === 'kill') kills.set(order.phase, (kills.get(order.phase) ?? 0) + 1);
  return kills;
}

/** A step was done again if its row in the ledger is of a generation that began after the kill. */
function redoneIn(run: FaultyRun, fired: string): number {
  const begins = run.events
    .filter(({ event }) => event === 'generation')
    .map(({ time, message }) => ({
      time: Date.parse(time),
      name: /generation (\d+\.\d+)/.exec(message)?.[1],
    }));
  const rows = new Map(ledgerOf(run).map((row) => [`${row.epoch} step ${row.step}`, row]));
  return [...run.marks].filter(([name, order]) => {
    if (order.act !== 'kill' || !MID_STEP.includes(order.phase)) return false;
    const [, place] = /of epoch (.*)$/.exec(order.where) ?? [];
    const row = rows.get(place ?? '');
    const began = begins.find((one) => one.name === `${row?.generation.lease}.${row?.generation.number}`);
    return began !== undefined && began.time >= statSync(join(fired, name)).mtimeMs;
  }).length;
}
