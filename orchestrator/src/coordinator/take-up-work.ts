/**
 * Wires what acts for the run, once the lease is held: the hands that do what the core decides, and the watch for what
 * people ask of the run.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { ChaosDesk } from './chaos/chaos-desk.js';
import { ControlWatch } from './control-watch.js';
import type { CoreEvent, Verdict } from './core/core-types.js';
import { EffectHands } from './effect-hands.js';
import type { RunLease } from './lease/run-lease.js';
import type { RunJournal } from './run-journal.js';
import type { SessionServer } from './session-server.js';
import type { WorkerDesk } from './worker-desk.js';

export interface WorkParts {
  readonly job: JobSpec;
  readonly runId: string;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly token: string;
  readonly lease: RunLease;
  /** How many are wanted by now. */
  readonly workers: number;
  readonly server: SessionServer;
  readonly desk: WorkerDesk;
  readonly journal: RunJournal;
  readonly hear: (event: CoreEvent) => void;
  readonly onConclude: (verdict: Verdict) => void;
}

export function takeUpWork(parts: WorkParts): { hands: EffectHands; control: ControlWatch } {
  const { job, store, lease, workers, hear } = parts;
  const hands = new EffectHands({ ...parts, runUri: store.uri, lease: lease.token });
  const chaos = new ChaosDesk({ ...parts, isAllowed: job.allowChaos, members: () => hands.members });
  const control = new ControlWatch(store, workers, () => lease.isHeld(), {
    onCancel: () => {
      hear({ kind: 'cancel', reason: 'cancelled on request' });
      parts.desk.startNoMore();
    },
    onScale: (wanted) => hear({ kind: 'scale', workers: wanted }),
    onLook: () => chaos.carryOutAll(),
  });
  return { hands, control };
}
