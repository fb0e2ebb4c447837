/**
 * Whether a bag has what the model needs.
 * In: the model's needs, the bag as the model sees it. Out: nothing, or an error that says what is missing.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { BagGraph } from '../data/instances/bag-graph.js';
import type { BagNeeds } from './model.js';

/** @throws BagfleetError `bag-format` for a bag without graph */
export function refuseWithoutGraph(
  needs: BagNeeds | undefined,
  model: string,
  bag: string,
  { graph }: { readonly graph: BagGraph | null },
): void {
  if (!needs?.graph || graph) return;
  throw new BagfleetError('bag-format', `has no graph, and ${model} needs one`, {
    culprit: `bag ${bag}`,
    hint: 'Let job field data.graph build it from the coordinates (kind: grid, knn or radius), or save edges with the features.',
  });
}

/** Of training: a prediction needs no particular number. @throws BagfleetError `bag-format` */
export function refuseOtherCount(
  needs: BagNeeds | undefined,
  model: string,
  bag: string,
  instances: number,
): void {
  if (!needs?.instances) return;
  const { least, most = Number.POSITIVE_INFINITY, field } = needs.instances;
  if (instances >= least && instances <= most) return;
  const wanted = most === least ? `exactly ${least}` : `at least ${least}`;
  throw new BagfleetError(
    'bag-format',
    `has ${instances} instances in training, and ${model} needs ${wanted}`,
    {
      culprit: `bag ${bag}, job field ${field}`,
      hint: `Change ${field}, data.sampler or data.augment.instanceDropout, or leave the bag out of the manifest.`,
    },
  );
}
