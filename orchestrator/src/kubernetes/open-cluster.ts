/**
 * The Kubernetes cluster that a command or a pod talks to.
 * In: a kubeconfig (KUBECONFIG, ~/.kube/config) and the context that is meant; inside a pod its service account.
 * Out: its objects in one namespace, and the way to its streams (watches, logs).
 */
import { BagfleetError } from '@bagfleet/proto';
import { KubeConfig } from '@kubernetes/client-node';
import { ClusterObjects } from './cluster-objects.js';

export interface ClusterChoice {
  /** A context of the kubeconfig; null takes its current one. */
  readonly context: string | null;
  /** null takes the context's, else `default`. */
  readonly namespace: string | null;
}

export interface Cluster {
  readonly config: KubeConfig;
  readonly namespace: string;
  readonly objects: ClusterObjects;
}

/** Nothing is sent yet. Errors: `cluster-missing` without a kubeconfig or with an unknown context. */
export function openCluster({ context, namespace }: ClusterChoice): Cluster {
  const config = new KubeConfig();
  loadConfig(config);
  if (context !== null) choose(config, context);
  if (!config.getCurrentCluster()) throw noCluster();
  const current = config.getContextObject(config.getCurrentContext());
  const chosen = namespace ?? current?.namespace ?? 'default';
  return { config, namespace: chosen, objects: new ClusterObjects(config, chosen) };
}

function loadConfig(config: KubeConfig): void {
  try {
    config.loadFromDefault();
  } catch (cause) {
    throw new BagfleetError('cluster-missing', `can't be read: ${(cause as Error).message}`, {
      culprit: `kubeconfig ${process.env.KUBECONFIG ?? '~/.kube/config'}`,
      hint: 'Does `kubectl config view` show it?',
      cause,
    });
  }
  // Without any file the client would invent http://localhost:8080.
  if (config.getCurrentCluster()?.server === 'http://localhost:8080') throw noCluster();
}

function choose(config: KubeConfig, context: string): void {
  const names = config.getContexts().map(({ name }) => name);
  if (!names.includes(context))
    throw new BagfleetError('cluster-missing', 'the kubeconfig has no such context', {
      culprit: `--context ${context}`,
      hint: `It has: ${names.join(', ') || 'none'}.`,
    });
  config.setCurrentContext(context);
}

function noCluster(): BagfleetError {
  return new BagfleetError('cluster-missing', 'there is no kubeconfig with a current context', {
    culprit: 'Kubernetes',
    hint: 'Set KUBECONFIG, or choose one with --context.',
  });
}
