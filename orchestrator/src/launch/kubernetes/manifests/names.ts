/**
 * What the objects of a run are called in Kubernetes, and the labels that find them.
 * In: a run id (up to 61 characters). Out: names that leave room for what controllers append, valid label values.
 */
import { createHash } from 'node:crypto';

/** Of a Job's name, so that its pods' host names (`<name>-w-1023`) stay within 63 characters. */
const LONGEST_NAME = 52;
const DIGEST_LENGTH = 6;

export const LABELS = {
  run: 'bagfleet.dev/run',
  role: 'bagfleet.dev/role',
  cron: 'bagfleet.dev/cron',
  state: 'bagfleet.dev/state',
  progress: 'bagfleet.dev/progress',
} as const;

export type Role = 'coordinator' | 'worker';

/** The coordinator's Job; the other names begin with it. */
export function coordinatorName(run: string): string {
  if (run.length <= LONGEST_NAME) return run;
  const digest = createHash('sha256').update(run).digest('hex').slice(0, DIGEST_LENGTH);
  return `${run.slice(0, LONGEST_NAME - DIGEST_LENGTH - 1).replace(/[^a-z0-9]+$/, '')}-${digest}`;
}

export function workersName(run: string): string {
  return `${coordinatorName(run)}-w`;
}

/** The run's own certificate authority: its key is the coordinator's alone. */
export function authorityName(run: string): string {
  return `${coordinatorName(run)}-authority`;
}

/** What a worker shows: the run's token, a certificate. */
export function identityName(run: string): string {
  return `${coordinatorName(run)}-identity`;
}

export function labelsOf(run: string, role: Role): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'bagfleet',
    'app.kubernetes.io/component': role,
    'app.kubernetes.io/managed-by': 'bagfleet',
    [LABELS.run]: run,
    [LABELS.role]: role,
  };
}

export function selectorOf(run: string, role?: Role): string {
  return `${LABELS.run}=${run}${role === undefined ? '' : `,${LABELS.role}=${role}`}`;
}
