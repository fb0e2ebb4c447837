/**
 * What a killed worker costs in PyTorch: elastic DDP on three one-thread workers of this machine, one of which is
 * killed (SIGKILL) at a random step, again and again.
 *   npx tsx bench/torchrun-recovery.ts [--kills 3] [--model mnist|large] [--snapshot-every 20]
 * In: PyTorch in .venv/torch, made by scripts/reference/setup_venv.sh (BAGFLEET_TORCH_VENV names another folder).
 * Out: one JSON object on stdout; on stderr what each kill cost, and where the time went.
 */
import { realpathSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ElasticRun } from './torchrun/elastic-run.js';
import { goingStart, PHASES, RankLogs, type Recovery, recoveryOf, stepOfAll } from './torchrun/rank-log.js';

const RANKS = 3;
const STARTS_WITHIN_S = 120;
/** A step of the large model takes seconds on two cores, and up to `snapshotEvery` of them are waited for. */
const SECONDS_PER_STEP = { mnist: 2, large: 20 };
const POLL_MS = 20;

export interface TorchrunRecoveryOptions {
  readonly model: 'mnist' | 'large';
  readonly kills: number;
  /** Steps between snapshots; a kill falls on a random step between two of them. */
  readonly snapshotEvery?: number;
  readonly progress?: (line: string) => void;
}

/** One entry per kill. */
export interface TorchrunRecovery {
  /** From SIGKILL of one rank until all ranks have applied a step again. */
  readonly seconds: number[];
  /** From SIGKILL until all ranks have applied a step that was not applied before it: lost steps are redone. */
  readonly secondsToNewStep: number[];
  readonly stepsLost: number[];
}

/** @throws Error that says what is missing or what took too long; no process and no file is left in any case */
export async function torchrunRecovery(options: TorchrunRecoveryOptions): Promise<TorchrunRecovery> {
  const { model, kills, snapshotEvery = 20, progress = () => {} } = options;
  const patience = STARTS_WITHIN_S + 3 * snapshotEvery * SECONDS_PER_STEP[model];
  const limit = patience * (2 * kills + 1);
  const run = ElasticRun.start({ model, ranks: RANKS, restarts: kills + 3, snapshotEvery, limit });
  try {
    const logs = new RankLogs(run.folder, RANKS);
    const wait = <T>(what: string, ask: () => T | undefined) => until(run, logs, what, patience, ask);
    const recoveries: Recovery[] = [];
    for (let after = -1; recoveries.length < kills; ) {
      const start = await wait('the first steps', () => goingStart(logs.marks, RANKS, after));
      const now = stepOfAll(logs.marks, RANKS, start);
      const step = Math.max(now, snapshotEvery) + 1 + Math.floor(Math.random() * snapshotEvery);
      await wait(`step ${step}`, () => stepOfAll(logs.marks, RANKS, start) >= step || undefined);
      const killed = { start, at: killOne(logs, start) };
      const recovery = await wait('recovery', () => recoveryOf(logs.marks, RANKS, killed));
      recoveries.push(recovery);
      progress(`${model}, kill ${recoveries.length} of ${kills} after step ${step}: ${told(recovery)}`);
      after = start;
    }
    return {
      seconds: recoveries.map((recovery) => rounded(recovery.seconds)),
      secondsToNewStep: recoveries.map((recovery) => rounded(recovery.secondsToNewStep)),
      stepsLost: recoveries.map((recovery) => recovery.stepsLost),
    };
  } finally {
    await run.end();
  }
}

/** Kills a random rank of a start; returns when, on the clock of the ranks' logs. */
function killOne(logs: RankLogs, start: number): number {
  const rank = Math.floor(Math.random() * RANKS);
  const pid = logs.marks.find((mark) => mark.restart === start && mark.rank === rank)?.pid;
  if (pid === undefined) throw new Error(`rank ${rank} has not begun`);
  const at = Number(process.hrtime.bigint()) / 1e9;
  process.kill(pid, 'SIGKILL');
  return at;
}

async function until<T>(
  run: ElasticRun,
  logs: RankLogs,
  what: string,
  seconds: number,
  ask: () => T | undefined,
): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    logs.read();
    const answer = ask();
    if (answer !== undefined) return answer;
    if (!run.alive) throw new Error(`torchrun ended before ${what}; its last lines:\n${run.lastLines()}`);
    if (performance.now() > deadline)
      throw new Error(`no ${what} within ${seconds} s; torchrun's last lines:\n${run.lastLines()}`);
    await sleep(POLL_MS);
  }
}

function told({ seconds, secondsToNewStep, stepsLost, phases }: Recovery): string {
  const way = PHASES.map((phase) => `${phase} ${phases[phase].toFixed(2)}`).join(', ');
  const redone = `${stepsLost} steps lost and redone after ${secondsToNewStep.toFixed(2)} s`;
  return `a step after ${seconds.toFixed(2)} s, ${redone} (last rank: ${way})`;
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      kills: { type: 'string', default: '3' },
      model: { type: 'string', default: 'mnist' },
      'snapshot-every': { type: 'string', default: '20' },
    },
  });
  const { model } = values;
  if (model !== 'mnist' && model !== 'large') throw new Error('--model is mnist or large');
  const options: TorchrunRecoveryOptions = {
    model,
    kills: Number(values.kills),
    snapshotEvery: Number(values['snapshot-every']),
  };
  const result = await torchrunRecovery({ ...options, progress: (line) => console.error(line) });
  console.log(JSON.stringify({ ...options, ...result }));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  main().catch((error: Error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
