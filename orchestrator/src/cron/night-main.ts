/**
 * Entry point of a night's process (see night-process.ts). It trains with worker processes on its own machine.
 */
import { BagfleetError } from '@bagfleet/proto';
import { runNightProcess } from './night-process.js';
import { trainHere } from './train-run.js';

const stop = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => stop.abort(new BagfleetError('interrupted', `was told to stop by ${signal}`)));

function failed(thrown: unknown): number {
  const error = BagfleetError.from(thrown);
  console.error(error.code === 'bug' ? (error.cause ?? error) : error.describe());
  return error.exitCode;
}

process.exit(await runNightProcess(process.env, trainHere, stop.signal).catch(failed));
