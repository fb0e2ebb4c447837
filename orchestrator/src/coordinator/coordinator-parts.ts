/** What a coordinator is made of: the run, who it is, what it decides with, and where it finds itself. */
import type { DatasetManifest, JobSpec } from '@bagfleet/proto';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { RunAnnouncer } from '../launch/announcer.js';
import type { Launcher } from '../launch/launcher.js';
import type { Core } from './core-loop.js';
import type { ListenPlace } from './listen-for-workers.js';

export interface CoordinatorParts<State> {
  readonly job: JobSpec;
  readonly manifest: DatasetManifest;
  readonly runId: string;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly launcher: Launcher;
  readonly announcer: RunAnnouncer;
  /** Where workers are to reach it; port 0 takes a free one. */
  readonly listenAt: ListenPlace;
  /** Where its metrics and health are shown; null where nobody asks. */
  readonly vitalsAt: ListenPlace | null;
  /** Requests to Kubernetes so far; null on one machine. */
  readonly apiCalls: (() => number) | null;
  readonly core: Core<State>;
  /** The run's token: the same for all its coordinators, so that workers of an earlier one are let in. */
  readonly token: string;
  /** null on one machine, where sessions go over loopback. */
  readonly identity: RunIdentity | null;
  /** This process in the lease, and the one before it if that is known to have ended. */
  readonly holder: string;
  readonly deadHolder: string | null;
}
