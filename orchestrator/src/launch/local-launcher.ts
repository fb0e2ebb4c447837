/**
 * Workers as processes on this machine: the embedded default. They are detached and write to files, so they go on
 * when the coordinator dies; the next one follows the files and watches the processes by their ids.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import { visibleGpu } from '@bagfleet/worker/engine/visible-gpu';
import type {
  LaunchedWorker,
  Launcher,
  LivingWorker,
  WorkerEnvironment,
  WorkerEvents,
  WorkerExit,
} from './launcher.js';
import { OutputFile } from './output-file.js';
import { isAlive, signalProcess } from './process-id.js';
import { endRecorded, recordProcess } from './recorded-processes.js';

const LOOK_MS = 200;
const UNKNOWN_END: WorkerExit = { code: null, signal: null, why: null };

export class LocalLauncher implements Launcher {
  readonly #folder: string;
  readonly #children = new Set<number>();
  readonly #outputs = new Map<string, OutputFile>();

  constructor(readonly runId: string) {
    this.#folder = join(tmpdir(), `bagfleet-${runId}`);
  }

  launch(environment: WorkerEnvironment, events: WorkerEvents): LaunchedWorker {
    const { workerId } = environment;
    const output = this.#outputOf(workerId, events);
    // What an earlier coordinator started under this name has been given up; our own children are ended by order.
    endRecorded(this.#folder, this.runId, (worker, pid) => worker === workerId && !this.#children.has(pid));
    const child = start(environment, output);
    if (child.pid !== undefined) {
      this.#children.add(child.pid);
      recordProcess(this.#folder, workerId, child.pid);
    }
    const tell = this.#follow(output, events);
    // 'error' alone means that it never started.
    child.once('error', (error) => {
      events.onLine(error.message);
      tell(UNKNOWN_END);
    });
    child.once('exit', (code, signal) => tell({ code, signal, why: null }));
    return { kill: () => child.kill('SIGKILL'), pause: () => child.kill('SIGSTOP') };
  }

  adopt({ workerId, pid }: LivingWorker, events: WorkerEvents): LaunchedWorker {
    const tell = this.#follow(this.#outputOf(workerId, events), events, () => {
      if (!isAlive(pid)) tell(UNKNOWN_END);
    });
    return { kill: () => signalProcess(pid, 'SIGKILL'), pause: () => stop(pid) };
  }

  incarnationOf(_: string, told: string): string {
    return told;
  }

  /** Nobody starts a local worker but by order: so here, and below. */
  resize(): void {}

  startNoMore(): void {}

  /** Processes are watched by timers that end with this one. */
  close(): void {}

  async clear(): Promise<void> {
    endRecorded(this.#folder, this.runId, () => true);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #outputOf(workerId: string, { recorded }: WorkerEvents): OutputFile {
    const known = this.#outputs.get(workerId);
    if (known) return known;
    const output = new OutputFile(this.#folder, workerId, recorded.lines);
    this.#outputs.set(workerId, output);
    return output;
  }

  /** Tells lines as they come; what it returns tells the last ones, then the exit, once. */
  #follow(output: OutputFile, events: WorkerEvents, onLook?: () => void): (exit: WorkerExit) => void {
    const pass = (last: boolean) => {
      for (const line of output.newLines(last)) events.onLine(line);
    };
    const timer = setInterval(() => {
      pass(false);
      onLook?.();
    }, LOOK_MS);
    let isOver = false;
    return (exit) => {
      if (isOver) return;
      isOver = true;
      clearInterval(timer);
      pass(true);
      events.onExit(exit);
    };
  }
}

function stop(pid: number): boolean {
  signalProcess(pid, 'SIGSTOP');
  return true;
}

function start(environment: WorkerEnvironment, output: OutputFile): ChildProcess {
  const entry = fileURLToPath(import.meta.resolve('@bagfleet/worker/worker-main'));
  const descriptor = output.open();
  try {
    return spawn(process.execPath, ['--enable-source-maps', entry], {
      env: { ...process.env, ...environmentOf(environment) },
      stdio: ['ignore', descriptor, descriptor],
      // A group of its own: Ctrl-C at the terminal is the coordinator's to answer.
      detached: true,
    });
  } finally {
    closeSync(descriptor);
  }
}

/** Threads are part of the result (a gradient's bits depend on them), so they are set here and recorded. */
function environmentOf(environment: WorkerEnvironment): Record<string, string> {
  return {
    ...computeEnvironment(environment.threads),
    ...visibleGpu(Number(environment.workerId.slice(1)), environment.gpus, process.env),
    BAGFLEET_WORKER: environment.workerId,
    BAGFLEET_INCARNATION: environment.incarnation,
    BAGFLEET_COORDINATOR: environment.coordinator,
    BAGFLEET_TOKEN: environment.token,
  };
}
