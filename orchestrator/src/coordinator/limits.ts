/**
 * The core's limits, from the job: seconds become milliseconds, and what no user needs to set is set here.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { Limits } from './core/core-types.js';

const GRACE_MS = 1000;
const ADOPT_MS = 5000;
const STOP_MS = 4000;
/** Of fleet.stopTimeout, kept for what comes after the last checkpoint: workers leave, the folder is written. */
const AFTER_KEEP_MS = 5000;

export function limitsOf({ fleet }: JobSpec): Limits {
  return {
    minWorkers: fleet.minWorkers,
    waitMs: fleet.waitTimeout * 1000,
    setupMs: fleet.setupTimeout * 1000,
    heartbeatMs: fleet.heartbeatTimeout * 1000,
    stepMs: fleet.stepTimeout * 1000,
    evaluationMs: fleet.evaluationTimeout * 1000,
    checkpointMs: fleet.checkpointTimeout * 1000,
    placeMs: fleet.kubernetes.placeTimeout * 1000,
    graceMs: GRACE_MS,
    adoptMs: ADOPT_MS,
    stopMs: STOP_MS,
    keepMs: keepMs(fleet.stopTimeout * 1000),
    restarts: fleet.restarts,
    backoffMs: fleet.restartBackoff * 1000,
    determinism: fleet.determinism,
  };
}

/** After this long a run that was told to stop ends, come what may. */
export function hardStopMs({ fleet }: JobSpec): number {
  return fleet.stopTimeout * 1000 + AFTER_KEEP_MS;
}

function keepMs(stopMs: number): number {
  return Math.max(stopMs - AFTER_KEEP_MS, stopMs / 2);
}
