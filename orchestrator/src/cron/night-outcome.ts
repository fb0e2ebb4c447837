/** What a night's end means to a shell. In: its record. Out: exit code 0 unless it failed, then its error's. */
import { BagfleetError, type Night } from '@bagfleet/proto';

export function exitCodeOf(night: Night): number {
  return errorOf(night)?.exitCode ?? 0;
}

/** null unless it failed. */
export function errorOf({ outcome, error }: Night): BagfleetError | null {
  if (outcome !== 'failed') return null;
  return BagfleetError.fromJSON((error ?? { code: 'job-failed', message: 'failed' }) as never);
}
