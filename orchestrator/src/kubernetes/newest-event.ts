/**
 * Which event of an object came last: a list of events is in no order of time, and one that repeats is counted up and
 * not added. In: events. Out: the one that was last seen; undefined of none.
 */
import type { CoreV1Event } from '@kubernetes/client-node';

export function newestEvent(events: readonly CoreV1Event[]): CoreV1Event | undefined {
  return [...events].sort((a, b) => timeOf(a) - timeOf(b)).at(-1);
}

/** Milliseconds since 1970. Parts of Kubernetes fill one of these fields, and not all the same one. */
function timeOf({ lastTimestamp, eventTime, metadata }: CoreV1Event): number {
  return new Date(lastTimestamp ?? eventTime ?? metadata.creationTimestamp ?? 0).getTime();
}
