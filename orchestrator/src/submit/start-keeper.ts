/**
 * Starts the process that keeps a run's coordinator alive; it outlives the terminal.
 * In: a run whose folder is ready. Out: when the process ended, and what was written to its own output.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StoreOptions } from '@bagfleet/proto';
import type { StartedRun } from './started-run.js';

export interface KeptRun {
  readonly run: string;
  readonly uri: string;
  /** How the run's folder is reached. */
  readonly store: StoreOptions;
  /** Seconds: fleet.leaseTimeout of the run's job. */
  readonly leaseTimeout: number;
}

export function startKeeper({ run, uri, store, leaseTimeout }: KeptRun): StartedRun {
  const log = join(tmpdir(), `bagfleet-${run}.log`);
  const entry = fileURLToPath(new URL('../keeper/keeper-main.js', import.meta.url));
  const output = openSync(log, 'w', 0o600);
  const keeper = spawn(process.execPath, ['--enable-source-maps', entry], {
    env: {
      ...process.env,
      BAGFLEET_RUN: uri,
      BAGFLEET_RUN_STORE: JSON.stringify(store),
      BAGFLEET_LEASE_TIMEOUT: String(leaseTimeout),
      BAGFLEET_LOG: log,
    },
    stdio: ['ignore', output, output],
    // A session of its own: it goes on when the terminal is closed.
    detached: true,
  });
  closeSync(output);
  let ended = false;
  keeper.once('exit', () => {
    ended = true;
  });
  return {
    run,
    uri,
    words: async () => readWords(log),
    ended: () => ended,
    heldUpBy: () => null,
    withdraw: async () => undefined,
    letGo: () => keeper.unref(),
  };
}

function readWords(log: string): string {
  try {
    const words = readFileSync(log, 'utf8').trim();
    rmSync(log, { force: true });
    return words;
  } catch {
    return '';
  }
}
