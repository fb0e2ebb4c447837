/**
 * What a pod means to its run: whom it hosts, why it has no place yet, whether its process runs, how it ended. Pure.
 * In: a pod as the API server has it. Out: words for people, an exit for the coordinator.
 */
import type {
  V1ContainerState,
  V1ContainerStateTerminated,
  V1Pod,
  V1PodCondition,
} from '@kubernetes/client-node';
import { formatBytes } from '../../report/byte-size.js';
import type { WorkerExit } from '../launcher.js';
import { workersOfPod } from '../worker-places.js';
import { fieldsOf, whyContainerWaits, whyUnscheduled } from './hold-up-words.js';

const INDEX_LABEL = 'batch.kubernetes.io/job-completion-index';

export function workersOf(pod: V1Pod, perPod: number): string[] {
  const index = pod.metadata?.labels?.[INDEX_LABEL];
  return index === undefined ? [] : workersOfPod(Number(index), perPod);
}

export function isRunning(pod: V1Pod): boolean {
  return pod.status?.phase === 'Running' && containerState(pod)?.running !== undefined;
}

/** Its workers were told that the run is complete. */
export function hasSucceeded(pod: V1Pod): boolean {
  return pod.status?.phase === 'Succeeded';
}

export function hasEnded(pod: V1Pod): boolean {
  return pod.status?.phase === 'Failed' || pod.status?.phase === 'Succeeded';
}

function isLeaving(pod: V1Pod): boolean {
  return pod.metadata?.deletionTimestamp !== undefined;
}

/** It may bear a worker. */
export function isAlive(pod: V1Pod): boolean {
  return !hasEnded(pod) && !isLeaving(pod);
}

/** Of a pod that neither runs nor has ended: what holds it up, as a sentence; null if nothing is known to. */
export function whyNoPlace(pod: V1Pod): string | null {
  const scheduled = conditionOf(pod, 'PodScheduled');
  if (scheduled?.status === 'False') {
    if (scheduled.reason === 'SchedulingGated') return 'a scheduling gate holds it';
    return whyUnscheduled(scheduled.message ?? scheduled.reason ?? '', fieldsOf(pod));
  }
  return whyContainerWaits(containerState(pod)?.waiting ?? {}, imageOf(pod), fieldsOf(pod));
}

/**
 * Of a pod that has ended, or is gone with this as its last status.
 * `peakBytes`: the most memory that its process was seen to hold; null when it was never heard.
 */
export function exitOf(pod: V1Pod, peakBytes: number | null): WorkerExit {
  const terminated = containerState(pod)?.terminated;
  const why = terminated?.reason === 'OOMKilled' ? whyKilled(pod, peakBytes) : whyEnded(pod, terminated);
  return { code: terminated?.exitCode ?? null, signal: null, why };
}

function whyKilled(pod: V1Pod, peakBytes: number | null): string {
  const peak = peakBytes === null ? '' : `, the most that it was seen to hold ${formatBytes(peakBytes)}`;
  return `was killed for memory: its limit is ${memoryLimit(pod)}${peak} (raise ${fieldsOf(pod).memory})`;
}

function whyEnded(pod: V1Pod, terminated: V1ContainerStateTerminated | undefined): string | null {
  const disruption = conditionOf(pod, 'DisruptionTarget');
  if (disruption?.status === 'True') return `was evicted (${disruption.message ?? disruption.reason})`;
  if (pod.status?.reason !== undefined) return `was ended (${pod.status.reason}${said(pod.status.message)})`;
  if (isLeaving(pod)) return 'was deleted';
  if (terminated?.reason === 'StartError' || terminated?.reason === 'ContainerCannotRun')
    return `could not be started${said(terminated.message)}`;
  return null;
}

function containerState(pod: V1Pod): V1ContainerState | undefined {
  return pod.status?.containerStatuses?.[0]?.state;
}

function conditionOf(pod: V1Pod, type: string): V1PodCondition | undefined {
  return pod.status?.conditions?.find((condition) => condition.type === type);
}

function imageOf(pod: V1Pod): string {
  return pod.spec?.containers[0]?.image ?? '';
}

function memoryLimit(pod: V1Pod): string {
  return String(pod.spec?.containers[0]?.resources?.limits?.memory ?? 'unknown');
}

function said(message: string | undefined): string {
  return message === undefined || message === '' ? '' : `: ${message}`;
}
