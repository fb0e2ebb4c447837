/**
 * Where spot nodes are: the labels and taints that each provider documents for them.
 * In: a provider. Out: node selector and tolerations of pods that are to run there.
 */
import type { KubernetesSpec, SPOT_PROVIDERS } from '@bagfleet/proto';

type Provider = (typeof SPOT_PROVIDERS)[number];

interface Placement {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: KubernetesSpec['tolerations'];
}

const SPOT: Readonly<Record<Provider, Placement>> = {
  karpenter: { nodeSelector: { 'karpenter.sh/capacity-type': 'spot' }, tolerations: [] },
  eks: { nodeSelector: { 'eks.amazonaws.com/capacityType': 'SPOT' }, tolerations: [] },
  gke: {
    nodeSelector: { 'cloud.google.com/gke-spot': 'true' },
    tolerations: [
      { key: 'cloud.google.com/gke-spot', operator: 'Equal', value: 'true', effect: 'NoSchedule' },
    ],
  },
  aks: {
    nodeSelector: { 'kubernetes.azure.com/scalesetpriority': 'spot' },
    tolerations: [
      {
        key: 'kubernetes.azure.com/scalesetpriority',
        operator: 'Equal',
        value: 'spot',
        effect: 'NoSchedule',
      },
    ],
  },
};

export function spotPlacement(provider: KubernetesSpec['spot']): Placement {
  return provider === null ? { nodeSelector: {}, tolerations: [] } : SPOT[provider];
}
