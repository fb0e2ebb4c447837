/**
 * Workers as processes on this machine: the embedded default.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { computeEnvironment } from '@bagfleet/worker/engine/backend';
import type { LaunchedWorker, Launcher, WorkerEnvironment, WorkerEvents } from './launcher.js';

export class LocalLauncher implements Launcher {
  launch(environment: WorkerEnvironment, events: WorkerEvents): LaunchedWorker {
    const entry = fileURLToPath(import.meta.resolve('@bagfleet/worker/worker-main'));
    const child = spawn(process.execPath, ['--enable-source-maps', entry], {
      env: { ...process.env, ...environmentOf(environment) },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own: Ctrl-C at the terminal is the coordinator's to answer.
      detached: true,
    });
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', events.onLine);
    // 'close' comes after the last line; 'error' alone means that it never started.
    child.once('close', (code, signal) => events.onExit({ code, signal }));
    child.once('error', (error) => events.onLine(error.message));
    return { kill: () => child.kill('SIGKILL') };
  }
}

/** Threads are part of the result (a gradient's bits depend on them), so they are set here and recorded. */
function environmentOf({ workerId, coordinator, token, threads }: WorkerEnvironment): Record<string, string> {
  return {
    ...computeEnvironment(threads),
    BAGFLEET_WORKER: workerId,
    BAGFLEET_COORDINATOR: coordinator,
    BAGFLEET_TOKEN: token,
  };
}
