/**
 * What an earlier coordinator said of the run.
 * In: the run's folder. Out: its last status, null if there is none in this version's words; whether it is the end.
 */
import { BagfleetError, FINAL_STATES, RUN_FILES, type RunStatus, statusSchema } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import type { Verdict } from './core/core-types.js';

export async function readStatus(run: ObjectStore): Promise<RunStatus | null> {
  try {
    const { bytes } = await run.get(RUN_FILES.status);
    return statusSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null;
  } catch (thrown) {
    if (codeOf(thrown) === 'store-missing' || thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

/** The verdict that is written down already; null if the run goes on. */
export function verdictOf(status: RunStatus | null): Verdict | null {
  if (!status || !FINAL_STATES.includes(status.state)) return null;
  const state = status.state as Verdict['state'];
  return { state, error: status.error ? BagfleetError.fromJSON(status.error as never) : null };
}
