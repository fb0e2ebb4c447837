/** In: what happened to a run, its Job, who says it. Out: the Kubernetes event that `kubectl describe job` shows. */
import type { V1OwnerReference } from '@kubernetes/client-node';
import type { GatedEvent } from './event-gate.js';

const COMPONENT = 'bagfleet';

export interface EventPlace {
  readonly namespace: string;
  readonly job: V1OwnerReference;
  /** The coordinator's pod. */
  readonly pod: string;
}

/** `suffix` tells it from all other events of the Job. */
export function eventObject(event: GatedEvent, { namespace, job, pod }: EventPlace, suffix: string) {
  const { reason, type, message, count, since, time } = event;
  const { apiVersion, kind, name, uid } = job;
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: `${name}.${suffix}` },
    involvedObject: { apiVersion, kind, name, namespace, uid },
    reason,
    type,
    message,
    count,
    firstTimestamp: new Date(since),
    lastTimestamp: new Date(time),
    source: { component: COMPONENT },
    reportingComponent: COMPONENT,
    reportingInstance: pod,
  };
}
