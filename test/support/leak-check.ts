/**
 * Fails a test run that leaves something behind: a process, a thread, a listening handle or a temporary folder.
 * In: mocha calls the root hooks before the first and after the last test. Out: an error that names what is left.
 *
 * Processes are found by a mark in their environment, so children of children count, even detached ones (Linux).
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';

const MARK = 'BAGFLEET_TEST_RUN';
/** What was just told to end may take this long. */
const PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 50;
/** Caches of Node and of the TypeScript loader, which live longer than a test. */
const CACHES = /^(tsx-|node-compile-cache|v8-compile-cache)/;

const systemTemporary = tmpdir();
let ownTemporary = '';
const threads = new Set<Worker>();

export const mochaHooks = {
  beforeAll(): void {
    ownTemporary = mkdtempSync(join(systemTemporary, 'bagfleet-test-'));
    process.env.TMPDIR = ownTemporary;
    process.env[MARK] = `${process.pid}-${Date.now()}`;
    process.on('worker', (thread: Worker) => {
      threads.add(thread);
      thread.once('exit', () => threads.delete(thread));
    });
  },

  async afterAll(this: Mocha.Context): Promise<void> {
    this.timeout(2 * PATIENCE_MS);
    const leaks = await leaksAfterPatience();
    for (const { pid } of leakedProcesses()) process.kill(pid, 'SIGKILL');
    rmSync(ownTemporary, { recursive: true, force: true });
    process.env.TMPDIR = systemTemporary;
    if (leaks.length > 0) throw new Error(`the tests left behind:\n  ${leaks.join('\n  ')}`);
  },
};

async function leaksAfterPatience(): Promise<string[]> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    const processes = leakedProcesses().map(({ pid, command }) => `process ${pid}: ${command}`);
    const leaks = [...processes, ...leakedThreads(), ...leakedHandles(), ...leakedFiles()];
    if (leaks.length === 0 || performance.now() > deadline) return leaks;
    await sleep(LOOK_EVERY_MS);
  }
}

/** Other processes that inherited this run's mark. */
function leakedProcesses(): { pid: number; command: string }[] {
  const mark = `${MARK}=${process.env[MARK]}`;
  return processIds()
    .filter((pid) => pid !== process.pid && readProcess(pid, 'environ').includes(mark))
    .map((pid) => ({ pid, command: readProcess(pid, 'cmdline').join(' ').trim() }))
    .filter(({ command }) => command !== '' && !command.includes('esbuild')); // the loader's compiler, ends with us
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return []; // not Linux
  }
}

/** Zero-separated parts; none for a process that has ended or is not ours to read. */
function readProcess(pid: number, file: 'environ' | 'cmdline'): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

function leakedThreads(): string[] {
  return [...threads].map((thread) => `worker thread ${thread.threadId}`);
}

/** Servers that still listen in this process. */
function leakedHandles(): string[] {
  const listening = ['TCPServerWrap', 'PipeServerWrap', 'ProcessWrap', 'UDPWrap'];
  return process
    .getActiveResourcesInfo()
    .filter((name) => listening.includes(name))
    .map((name) => `open handle in the test process: ${name}`);
}

function leakedFiles(): string[] {
  return readdirSync(ownTemporary)
    .filter((name) => !CACHES.test(name))
    .map((name) => `temporary file or folder: ${name}`);
}
