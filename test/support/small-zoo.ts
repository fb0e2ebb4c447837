/**
 * Every model, small enough to train in seconds, with everything that can be drawn: dropout, sampled and left-out
 * instances, noise, pseudo-bags.
 */
import { MODEL_NAMES } from '@bagfleet/proto';

export type ModelName = (typeof MODEL_NAMES)[number];

/** All, or with ZOO_SHARE=2/5 those whose place in the list leaves 2 when divided by 5. */
export function chosenModels(): readonly ModelName[] {
  const [rest, parts] = (process.env.ZOO_SHARE ?? '0/1').split('/').map(Number);
  return MODEL_NAMES.filter((_, place) => place % parts === rest);
}

const TILES: readonly ModelName[] = ['lenet_abmil', 'panda', 'panda_flat'];

export function takesTiles(name: ModelName): boolean {
  return TILES.includes(name);
}

/** The job's section `model`. */
export const SMALL_MODEL = {
  ...{ hidden: 32, attention: 16, dropout: 0.1, clam: { k: 2 }, dtfd: { groups: 3 } },
  ...{ pooled: { attentionLayers: [16], classifierLayers: [16] } },
  ...{ transformer: { width: 32, heads: 4, layers: 2, dropout: 0.1 }, gcn: { layers: 2, dropout: 0.1 } },
  ...{ sagpool: { width: 32 }, panda: { tiles: 16 } },
} as const;

/** What samplers and augmentation draw; `panda_flat` takes slides of one size only. */
export function drawnInstances(name: ModelName): Record<string, unknown> {
  if (name === 'panda_flat') return { augment: { featureNoise: 0.05 } };
  const sampler = { kind: 'random', bagSize: 14 };
  return { sampler, augment: { instanceDropout: 0.1, featureNoise: 0.05 } };
}
