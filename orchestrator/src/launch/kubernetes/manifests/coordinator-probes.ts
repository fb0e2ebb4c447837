/**
 * How the kubelet looks after a coordinator: alive while its clock ticks; ready while it holds the run's lease, so that
 * of two coordinators `kubectl get pods` shows which one acts. Nothing depends on readiness but what people see.
 * In: a coordinator's pod. Out: with probes, if it declares its port for metrics: on the host network that is any free
 * one, which the kubelet can't know. Not for a CronJob's pod, which does more than to coordinate.
 */
import type { V1PodTemplateSpec, V1Probe } from '@kubernetes/client-node';

export const METRICS_PORT = 9090;
const PORT_NAME = 'metrics';

/** It asks the API server and the store before it shows itself: for that it has ten minutes. */
const STARTUP: V1Probe = {
  httpGet: { path: '/healthz', port: PORT_NAME },
  periodSeconds: 5,
  failureThreshold: 120,
};
/** A minute without an answer: pictures are drawn at the end, on a quarter of a CPU. */
const LIVENESS: V1Probe = {
  httpGet: { path: '/healthz', port: PORT_NAME },
  periodSeconds: 10,
  timeoutSeconds: 5,
  failureThreshold: 6,
};
const READINESS: V1Probe = {
  httpGet: { path: '/readyz', port: PORT_NAME },
  periodSeconds: 5,
  timeoutSeconds: 5,
};

export function withProbes(pod: V1PodTemplateSpec): V1PodTemplateSpec {
  const [container] = pod.spec?.containers ?? [];
  if (!container?.ports?.some(({ name }) => name === PORT_NAME)) return pod;
  const probes = { startupProbe: STARTUP, livenessProbe: LIVENESS, readinessProbe: READINESS };
  return { ...pod, spec: { ...pod.spec, containers: [{ ...container, ...probes }] } };
}
