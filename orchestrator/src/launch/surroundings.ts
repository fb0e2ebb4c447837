/**
 * Where a coordinator finds itself: started by a keeper on somebody's machine, or by Kubernetes in a pod.
 * In: the job, the run, the environment. Out: how it launches workers, who it is, where it listens, and what a signal
 * means to it.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { NOBODY_LISTENS, type RunAnnouncer } from './announcer.js';
import { onHosts } from './hosts/on-hosts.js';
import type { Launcher } from './launcher.js';
import { LocalLauncher } from './local-launcher.js';
import { requiredVariable } from './required-variable.js';

export interface Surroundings {
  readonly launcher: Launcher;
  readonly announcer: RunAnnouncer;
  /** The same for all coordinators of the run, so that workers of an earlier one are let in. */
  readonly token: string;
  /** null on one machine. */
  readonly identity: RunIdentity | null;
  /** This process in the lease, and the one before it if that is known to have ended. */
  readonly holder: string;
  readonly deadHolder: string | null;
  readonly listenAt: { readonly host: string; readonly port: number };
  /** Where metrics and health are shown; null on one machine. */
  readonly vitalsAt: { readonly host: string; readonly port: number } | null;
  /** Requests to Kubernetes so far; null on one machine. */
  readonly apiCalls: (() => number) | null;
  /** Does SIGTERM mean the end of the run? Else another coordinator takes over. */
  readonly isEndOfRun: () => Promise<boolean>;
}

/** `store` is the run's folder. */
export async function surroundingsOf(job: JobSpec, run: string, store: ObjectStore): Promise<Surroundings> {
  if (job.fleet.engine === 'local') return onThisMachine(job, run);
  if (job.fleet.engine === 'hosts') return onHosts(job);
  const { inPod } = await import('./kubernetes/in-pod.js'); // the client takes half a second to load
  return inPod(job, run, store);
}

function onThisMachine({ fleet }: JobSpec, run: string): Surroundings {
  return {
    launcher: new LocalLauncher(run),
    announcer: NOBODY_LISTENS,
    token: requiredVariable('BAGFLEET_TOKEN'),
    identity: null,
    holder: requiredVariable('BAGFLEET_HOLDER'),
    deadHolder: process.env.BAGFLEET_DEAD_HOLDER ?? null,
    listenAt: { host: '127.0.0.1', port: fleet.port },
    vitalsAt: null,
    apiCalls: null,
    isEndOfRun: async () => true,
  };
}
