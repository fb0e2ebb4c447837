/**
 * Entry point of a pod with several GPUs: one worker process for each.
 * In: BAGFLEET_GPUS (how many), BAGFLEET_INDEX (which pod of the fleet), BAGFLEET_POD_UID, BAGFLEET_PORT (the first
 * worker's), and all that a worker needs (worker-main.ts). Out: their lines as JSON on standard output; exit code 0
 * when all have completed the run, 143 when they were told to go, 1 when they die again and again.
 */
import { fileURLToPath } from 'node:url';
import { BagfleetError } from '@bagfleet/proto';
import { runNode } from './node/run-node.js';

function environment(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new BagfleetError('bug', `${name} must be set: the workers' Job starts pods`);
}

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const code = await runNode({
  program: fileURLToPath(new URL('worker-main.js', import.meta.url)),
  run: environment('BAGFLEET_RUN').replace(/\/+$/, '').split('/').at(-1) ?? '',
  index: Number(environment('BAGFLEET_INDEX')),
  gpus: Number(environment('BAGFLEET_GPUS')),
  uid: environment('BAGFLEET_POD_UID'),
  port: Number(environment('BAGFLEET_PORT')),
  environment: process.env,
  onLine: (line) => process.stdout.write(`${line}\n`),
  signal: stop.signal,
});
process.exitCode = code;
