/**
 * One torchrun with its workers, in process groups of their own and a temporary folder.
 * In: what to train. Out: the folder with the ranks' logs; the run's end, after which no process and no file is left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const VENV = process.env.BAGFLEET_TORCH_VENV ?? fileURLToPath(new URL('../../.venv/torch', import.meta.url));
const SCRIPT = fileURLToPath(new URL('./train.py', import.meta.url));
const ENDS_WITHIN_MS = 10_000;
/** Stands in the environment of every process of a run: torchrun gives its workers sessions of their own. */
const MARK = 'BAGFLEET_TORCHRUN';

export interface ElasticJob {
  readonly model: string;
  readonly ranks: number;
  readonly restarts: number;
  readonly snapshotEvery: number;
  /** Seconds after which the training ends by itself. */
  readonly limit: number;
}

export class ElasticRun {
  private readonly torchrun: ChildProcess;
  private readonly atExit = () => this.killAll();

  private constructor(
    readonly folder: string,
    job: ElasticJob,
  ) {
    const output = openSync(join(folder, 'output.log'), 'a');
    this.torchrun = spawn(python(), words(job, folder), {
      detached: true,
      stdio: ['ignore', output, output],
      env: {
        ...process.env,
        [MARK]: folder,
        TMPDIR: folder, // torchrun leaves a folder behind
        PYTHONDONTWRITEBYTECODE: '1',
        OMP_NUM_THREADS: '1',
        GLOO_SOCKET_IFNAME: 'lo', // whatever the machine's name stands for
        TORCH_DISABLE_SHARE_RDZV_TCP_STORE: '1', // else restarted workers read the dead ones' addresses (PyTorch 2.15)
      },
    });
    this.torchrun.on('error', () => {}); // it has no pid then, and is not alive
    closeSync(output);
    process.once('exit', this.atExit);
  }

  /** @throws Error with one line when PyTorch is not there */
  static start(job: ElasticJob): ElasticRun {
    if (!existsSync(python()))
      throw new Error(`PyTorch is missing: run \`sh scripts/reference/setup_venv.sh ${VENV}\` first`);
    return new ElasticRun(mkdtempSync(join(tmpdir(), 'bagfleet-torchrun-')), job);
  }

  get alive(): boolean {
    return this.torchrun.pid !== undefined && this.torchrun.exitCode === null && !this.torchrun.signalCode;
  }

  lastLines(): string {
    return readFileSync(join(this.folder, 'output.log'), 'utf8').trim().split('\n').slice(-20).join('\n');
  }

  /** Asks torchrun to end its workers, then ends what is still there. */
  async end(): Promise<void> {
    process.off('exit', this.atExit);
    const deadline = performance.now() + ENDS_WITHIN_MS;
    if (this.alive) this.torchrun.kill('SIGTERM');
    while (this.processes().length > 0 && performance.now() < deadline) await sleep(50);
    this.killAll();
  }

  private killAll(): void {
    const deadline = performance.now() + ENDS_WITHIN_MS;
    for (let left = this.processes(); left.length > 0; left = this.processes()) {
      if (performance.now() > deadline)
        throw new Error(`processes that SIGKILL does not end: ${left.join(', ')}`);
      for (const pid of left) kill(pid);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Ids of torchrun and its workers; a process that has ended has no environment any more (Linux). */
  private processes(): number[] {
    const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return ids.map(Number).filter((pid) => environment(pid).includes(`${MARK}=${this.folder}`));
  }
}

function python(): string {
  return join(VENV, 'bin', 'python');
}

function words(job: ElasticJob, folder: string): string[] {
  const until = Number(process.hrtime.bigint()) / 1e9 + job.limit;
  return [
    ...['-m', 'torch.distributed.run', '--standalone', '--nnodes=1', `--nproc-per-node=${job.ranks}`],
    ...[`--max-restarts=${job.restarts}`, SCRIPT, '--model', job.model, '--folder', folder],
    ...['--snapshot-every', String(job.snapshotEvery), '--until', String(until)],
  ];
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it ended by itself
  }
}

function environment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}
