/**
 * One of the cluster's programs as a process that writes into the cluster's folder.
 * In: a name for its log, program and arguments. Out: whether it still runs, and its last words.
 * It is in a process group of its own: a Ctrl-C in the terminal is for the tests, the guard ends what they started.
 */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 50;

export interface ClusterProcess {
  readonly name: string;
  hasEnded(): boolean;
  lastWords(): string;
  /** To this very process, while it lives. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
}

export function startProcess(
  folder: string,
  name: string,
  program: string,
  args: readonly string[],
): ClusterProcess {
  mkdirSync(join(folder, 'log'), { recursive: true });
  const path = join(folder, 'log', `${name}.log`);
  const log = openSync(path, 'a');
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, HOME: folder, KUBECONFIG: '' },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  let failure = '';
  child.once('error', (error) => {
    failure = error.message;
  });
  child.unref();
  return {
    name,
    hasEnded: () => failure !== '' || child.exitCode !== null || child.signalCode !== null,
    signal: (signal) => void child.kill(signal),
    lastWords: () => failure || readFileSync(path, 'utf8').trimEnd().split('\n').slice(-3).join('\n'),
  };
}

/** Asks until the answer is yes, as long as the programs that it depends on live. */
export async function untilReady(
  what: string,
  deadlineMs: number,
  programs: readonly Omit<ClusterProcess, 'signal'>[],
  isReady: () => Promise<boolean>,
): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!(await isReady())) {
    for (const program of programs)
      if (program.hasEnded()) throw new Error(`${program.name} ended:\n${program.lastWords()}`);
    if (performance.now() > deadline)
      throw new Error(
        `${what} was not ready within ${deadlineMs / 1000} s:\n${programs.map((p) => p.lastWords()).join('\n')}`,
      );
    await sleep(LOOK_EVERY_MS);
  }
}
