/**
 * A run on this machine whose workers are lost and scaled.
 * In: a job file. Out: its marks and events, ways to disturb it, and its end: no process and no file is left.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type EventRow, RUN_FILES, type RunStatus } from '@bagfleet/proto';
import { processesOf } from '../../test/support/run-processes.js';
import { isApplied, type Mark, Marks, monotonicSeconds } from './marks.js';
import { type Loss, type Recovery, recoveryOf } from './recovery-of.js';

const CLI = fileURLToPath(new URL('../../bin/bagfleet.js', import.meta.url));
const PROBE = new URL('./probe.mjs', import.meta.url).href;
const POLL_MS = 20;
/** Whether the run's processes are still there costs more to see than its marks. */
const LOOKS_PER_CHECK = 100;
const CLI_MS = 60_000;
const CANCEL_MS = 30_000;
const STARTS_WITHIN_MS = 120_000;
const RECOVERS_WITHIN_MS = 60_000;
/** Of /proc/PID/stat, on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

export type LossSignal = 'SIGKILL' | 'SIGSTOP';

export interface MeasuredLoss extends Recovery {
  readonly worker: string;
  /** Of all processes of the run, the worker that is started again included, from the loss to the step. */
  readonly cpuSeconds: number;
}

export class Fleet {
  readonly marks: Marks;
  readonly #runs: string;
  readonly #run: string;
  readonly #environment: NodeJS.ProcessEnv;
  readonly #atExit = () => this.#killAll();

  private constructor(runs: string, run: string, marks: string, environment: NodeJS.ProcessEnv) {
    this.#runs = runs;
    this.#run = run;
    this.#environment = environment;
    this.marks = new Marks(marks);
    process.prependOnceListener('exit', this.#atExit); // before its folder is removed
  }

  /** `folder` is this run's own; the job's store is set to lie in it. */
  static start(folder: string, words: readonly string[]): Fleet {
    const [runs, marks, temp] = ['runs', 'marks', 'tmp'].map((name) => join(folder, name));
    for (const path of [runs, marks, temp]) mkdirSync(path, { recursive: true });
    const environment = {
      ...process.env,
      TMPDIR: temp,
      BAGFLEET_BENCH_MARKS: marks,
      NODE_OPTIONS: `--import=${PROBE}`,
    };
    const { run } = JSON.parse(
      bagfleet(['submit', ...words, '--store', runs, '--detach', '--json'], environment),
    );
    return new Fleet(runs, run, marks, environment);
  }

  /** The generation that trains, as far as the marks were read. */
  get generation(): number {
    return this.marks.all.findLast(isApplied)?.generation ?? 0;
  }

  /** Waits until these many workers have applied a step together, in a generation after `after`. */
  async trains(workers: number, after = 0): Promise<void> {
    await this.#until(`training with ${workers} workers`, STARTS_WITHIN_MS, (since) => {
      const applied = since.filter(isApplied).filter(({ generation }) => generation > after);
      const last = applied.at(-1);
      if (!last || last.workers.length !== workers) return undefined;
      const together = applied.filter(({ generation }) => generation === last.generation);
      return new Set(together.map(({ who }) => who)).size === workers || undefined;
    });
  }

  /** Waits until the fleet has applied so many steps from now on. */
  async steps(count: number): Promise<void> {
    await this.#until(`${count} steps`, STARTS_WITHIN_MS, (since) => {
      const [one, ...others] = since.filter(isApplied);
      return (one && others.filter(({ who }) => who === one.who).length >= count) || undefined;
    });
  }

  /** Loses one worker of the generation that trains. */
  async lose(worker: string, signal: LossSignal): Promise<MeasuredLoss> {
    this.marks.read();
    const last = this.marks.all.findLast(isApplied);
    const pid = this.marks.all.findLast(({ who }) => who === worker)?.pid;
    if (!last?.workers.includes(worker) || pid === undefined) throw new Error(`${worker} does not train`);
    const { generation, workers } = last;
    const before = this.marks.all.slice();
    const cpuBefore = this.#cpuSeconds();
    const loss: Loss = {
      worker,
      at: monotonicSeconds(),
      generation,
      survivors: workers.filter((id) => id !== worker),
    };
    process.kill(pid, signal);
    const recovery = await this.#until(`step after ${signal} of ${worker}`, RECOVERS_WITHIN_MS, (since) =>
      recoveryOf(before, since, loss),
    );
    return { ...recovery, worker, cpuSeconds: spentSince(cpuBefore, this.#cpuSeconds()) };
  }

  async scale(workers: number): Promise<void> {
    this.marks.read();
    const after = this.generation;
    const words = ['scale', this.#run, '--workers', String(workers), '--no-wait', '--store', this.#runs];
    const cli = spawn(process.execPath, [CLI, ...words], { stdio: 'ignore', env: this.#environment });
    cli.on('error', () => undefined);
    await this.trains(workers, after);
  }

  /** events.jsonl as it is stored: a few seconds behind. */
  events(): EventRow[] {
    const path = join(this.#runs, this.#run, RUN_FILES.events);
    if (!existsSync(path)) return [];
    const lines = readFileSync(path, 'utf8').trim().split('\n');
    return lines.map((line) => JSON.parse(line) as EventRow);
  }

  /** Cancels the run, waits for its end, then ends what is still there. */
  async end(): Promise<void> {
    const words = ['cancel', this.#run, '--store', this.#runs];
    spawnSync(process.execPath, [CLI, ...words], { timeout: CANCEL_MS, env: this.#environment });
    const deadline = performance.now() + CANCEL_MS;
    while (processesOf(this.#run).length > 0 && performance.now() < deadline) await sleep(100);
    process.off('exit', this.#atExit);
    this.#killAll();
  }

  /** Asks again and again, about the marks since it was called. */
  async #until<T>(
    what: string,
    withinMs: number,
    ask: (since: readonly Mark[]) => T | undefined,
  ): Promise<T> {
    const began = performance.now();
    const from = this.marks.all.length;
    for (let looks = 1; ; looks++) {
      this.marks.read();
      const answer = ask(this.marks.all.slice(from));
      if (answer !== undefined) return answer;
      if (performance.now() - began > withinMs)
        throw new Error(`no ${what} within ${withinMs / 1000} s\n${this.#lastWords()}`);
      if (looks % LOOKS_PER_CHECK === 0 && processesOf(this.#run).length === 0)
        throw new Error(`the run ended before ${what}\n${this.#lastWords()}`);
      await sleep(POLL_MS);
    }
  }

  #lastWords(): string {
    const folder = join(this.#runs, this.#run);
    const status = JSON.parse(readFileSync(join(folder, RUN_FILES.status), 'utf8')) as RunStatus;
    const events = this.events().filter(({ event }) => event !== 'fingerprint');
    const lines = events
      .slice(-60)
      .map(({ time, event, message }) => `  ${time} ${event}: ${oneLine(message)}`);
    return [`  ${status.state}: ${status.error?.message ?? status.phase}`, ...lines].join('\n');
  }

  /** Process id → CPU seconds so far. */
  #cpuSeconds(): Map<number, number> {
    return new Map(processesOf(this.#run).map((pid) => [pid, cpuSecondsOf(pid)]));
  }

  #killAll(): void {
    for (const pid of processesOf(this.#run)) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // it ended by itself
      }
    }
  }
}

/** Runs a command to its end. @throws Error with what it said */
export function bagfleet(words: readonly string[], env: NodeJS.ProcessEnv = process.env): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...words], {
    encoding: 'utf8',
    timeout: CLI_MS,
    env,
  });
  if (status !== 0) throw new Error(`bagfleet ${words.join(' ')}: ${stderr}`);
  return stdout;
}

function oneLine(text: string): string {
  return text.split('\n')[0].slice(0, 200);
}

function spentSince(before: ReadonlyMap<number, number>, now: ReadonlyMap<number, number>): number {
  return [...now].reduce((sum, [pid, seconds]) => sum + seconds - (before.get(pid) ?? 0), 0);
}

function cpuSecondsOf(pid: number): number {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}
