/**
 * The coordinator on the first of several hosts: a keeper that ends with this process and writes to its output.
 * In: the run's folder, how it is reached, where the others reach this host. Out: its exit code.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { StoreOptions } from '@bagfleet/proto';

export interface FirstHost {
  readonly uri: string;
  readonly access: StoreOptions;
  readonly address: string;
  /** Seconds: fleet.leaseTimeout of the run's job. */
  readonly leaseTimeout: number;
  /** SIGTERM to this process. */
  readonly signal: AbortSignal;
}

export async function coordinateHere({
  uri,
  access,
  address,
  leaseTimeout,
  signal,
}: FirstHost): Promise<number> {
  const entry = fileURLToPath(new URL('../../keeper/keeper-main.js', import.meta.url));
  const keeper = spawn(process.execPath, ['--enable-source-maps', entry], {
    env: {
      ...process.env,
      BAGFLEET_RUN: uri,
      BAGFLEET_RUN_STORE: JSON.stringify(access),
      BAGFLEET_LEASE_TIMEOUT: String(leaseTimeout),
      BAGFLEET_HOST: address,
    },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  signal.addEventListener('abort', () => keeper.kill('SIGTERM'), { once: true });
  const [code] = (await once(keeper, 'close')) as [number | null];
  return code ?? 1;
}
