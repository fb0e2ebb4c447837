/** What a worker process knows of itself when it begins: who it is, where its coordinator is, when it is to end. */
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import type { Faults } from '../faults/faults.js';
import type { SessionClient, SessionSetting } from './session-client.js';

export interface WorkerFacts {
  readonly workerId: string;
  readonly incarnation: string;
  readonly token: string;
  /** Where its peers reach it; port 0 takes a free one. */
  readonly peers: { readonly host: string; readonly port: number };
  /** null on one machine. */
  readonly identity: RunIdentity | null;
  readonly session: Pick<SessionSetting, 'address' | 'find'>;
  readonly faults: Faults;
  /** Ends everything: the worker was let go, lost its coordinator for good, or may not wait any longer. */
  readonly signal: AbortSignal;
  /** Called with the session before it is opened. */
  readonly onSession: (session: SessionClient) => void;
}
