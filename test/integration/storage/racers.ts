/**
 * Starts processes that work on a store at the same time (store-racer.mjs).
 * In: the store and the task. Out: what each process said, as parsed JSON lines.
 */

import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { StoreAccess } from '@bagfleet/worker/storage/store-uri';

const RACER = fileURLToPath(new URL('./store-racer.mjs', import.meta.url));

export interface RacerTask {
  readonly uri: string;
  readonly options: StoreAccess;
  readonly task: 'claim' | 'count' | 'overwrite';
  readonly key: string;
  readonly times?: number;
  readonly bytes?: number;
}

export function startRacer(task: RacerTask): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [RACER, JSON.stringify(task)], { env: process.env });
}

/** Runs `count` of them to their end. */
export async function race(count: number, task: RacerTask): Promise<unknown[]> {
  return (await Promise.all(Array.from({ length: count }, () => finished(startRacer(task))))).flat();
}

async function finished(racer: ChildProcessWithoutNullStreams): Promise<unknown[]> {
  const said: unknown[] = [];
  let errors = '';
  createInterface({ input: racer.stdout }).on('line', (line) => said.push(JSON.parse(line)));
  racer.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const [code] = (await once(racer, 'close')) as [number | null];
  if (code !== 0) throw new Error(`a racer ended with ${code}:\n${errors}`);
  return said;
}

/** Lets it write until it has said `lines` lines, then kills it at once. */
export async function killAfter(
  racer: ChildProcessWithoutNullStreams,
  lines: number,
  thenMs: number,
): Promise<void> {
  let errors = '';
  racer.stderr.on('data', (text: Buffer) => (errors += text.toString()));
  const closed = once(racer, 'close');
  let seen = 0;
  for await (const _ of createInterface({ input: racer.stdout })) if (++seen === lines) break;
  if (seen < lines) throw new Error(`the racer ended by itself:\n${errors}`);
  await new Promise((resolve) => setTimeout(resolve, thenMs));
  racer.kill('SIGKILL');
  racer.stdout.resume();
  await closed;
}
