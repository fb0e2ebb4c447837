/**
 * One run as its folder in the store tells it.
 * In: the store and a folder name. Out: state and status, or null for a folder that is no run's.
 * Nothing in the folder is trusted: half-written and foreign files make a run unreadable, never an exception.
 */
import {
  BagfleetError,
  FINAL_STATES,
  RUN_FILES,
  type RunState,
  type RunStatus,
  SCHEMA_VERSION,
  statusSchema,
} from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';

/** A coordinator renews status.json every few seconds; after this long without a word it is gone. */
export const LOST_AFTER_SECONDS = 30;

const NOT_BEGUN = 'its coordinator has not begun yet';

/** lost: not ended, but nobody renews it. unreadable: status.json is broken or not of this version. */
export type ShownState = RunState | 'lost' | 'unreadable';

export interface RunRecord {
  readonly run: string;
  readonly state: ShownState;
  readonly status: RunStatus | null;
  /** Why it has not begun, is lost or unreadable, as a sentence. */
  readonly problem: string | null;
}

export async function readRun(store: ObjectStore, run: string, now: Date): Promise<RunRecord | null> {
  const bytes = await bytesOf(store, `${run}/${RUN_FILES.status}`);
  if (bytes) return recordOf(run, bytes, now);
  const begun = await store.head(`${run}/${RUN_FILES.job}`);
  return begun ? { run, state: 'starting', status: null, problem: NOT_BEGUN } : null;
}

export function isOver(state: ShownState): boolean {
  return (FINAL_STATES as readonly string[]).includes(state);
}

function recordOf(run: string, bytes: Uint8Array, now: Date): RunRecord {
  const value = parseJson(bytes);
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version !== SCHEMA_VERSION)
    return unreadable(
      run,
      `it was written in version ${version} of the format, this bagfleet reads ${SCHEMA_VERSION}`,
    );
  const parsed = statusSchema.safeParse(value);
  if (!parsed.success) {
    const field = parsed.error.issues[0].path.join('.');
    return unreadable(run, `its ${RUN_FILES.status} is not valid${field ? ` (${field})` : ''}`);
  }
  const status = parsed.data;
  const silent = (now.getTime() - Date.parse(status.updatedAt)) / 1000;
  if (isOver(status.state) || silent <= LOST_AFTER_SECONDS)
    return { run, state: status.state, status, problem: null };
  const problem = `its coordinator has not been heard of for ${Math.round(silent)} s`;
  return { run, state: 'lost', status, problem };
}

function unreadable(run: string, problem: string): RunRecord {
  return { run, state: 'unreadable', status: null, problem };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    return null;
  }
}

/** null when there is no such object. */
async function bytesOf(store: ObjectStore, key: string): Promise<Uint8Array | null> {
  try {
    return (await store.get(key)).bytes;
  } catch (thrown) {
    if (thrown instanceof BagfleetError && thrown.code === 'store-missing') return null;
    throw thrown;
  }
}
