/**
 * The probe bag: one made-up bag that every worker computes before it may train, at the initial parameters.
 * Machines that compute the same bits give the same digest; another digest means that their gradients would
 * differ too (I2). The same probe, computed again, tells which of two machines that disagree is wrong. It also warms up
 * the machine, so that the first step, for which all wait, takes no longer than others.
 */
import { createHash } from 'node:crypto';
import { CounterRng, type DatasetManifest } from '@bagfleet/proto';
import { ringEdges } from '../data/graph/ring-edges.js';
import type { ComputeClient } from '../engine/compute-client.js';
import type { SharedFloats } from '../engine/compute-protocol.js';
import type { Faults } from '../faults/faults.js';
import type { BagNeeds } from '../models/model.js';
import { sharedFloats } from './training-state.js';

/** Values of the probe: enough that threads, vector widths and blocks would show, few enough to take 0.1 s. */
const VALUES = 2 ** 19;
const [LEAST, MOST] = [4, 512];

export interface ProbeParts {
  readonly compute: ComputeClient;
  readonly manifest: DatasetManifest;
  /** What the model's bags must have; the probe has it, too. */
  readonly needs: BagNeeds | undefined;
  /** The initial parameters of the run, flat; read only while the probe is computed. */
  readonly initialParameters: () => SharedFloats;
  readonly faults: Faults;
}

/** Digest of loss, logits and gradient of the probe bag, in hex. */
export async function probeDigest(parts: ProbeParts): Promise<string> {
  const { compute, manifest, needs, faults } = parts;
  const width = manifest.instanceShape.reduce((product, size) => product * size, 1);
  const instances = instancesFor(width, needs);
  const features = sharedFloats(instances * width); // [instances, ...instanceShape]
  features.set(new CounterRng(0, ['probe']).normal(features.length));
  const parameters = parts.initialParameters();
  const into = sharedFloats(parameters.length);
  const bag = {
    id: 'probe',
    label: 1,
    instances,
    instanceShape: manifest.instanceShape,
    type: 'float32' as const,
    features,
    coords: null,
    instanceLabels: null,
    edges: needs?.graph ? ringEdges(instances) : null,
    slides: [0, instances],
  };
  const { loss, logits } = await compute.call('probe', { bag, parameters, into });
  faults.spoil(into, 'probe');
  const hash = createHash('sha256')
    .update(new Float64Array([loss]))
    .update(logits)
    .update(into);
  return hash.digest('hex');
}

function instancesFor(width: number, needs: BagNeeds | undefined): number {
  const { least = 0, most = Number.POSITIVE_INFINITY } = needs?.instances ?? {};
  const usual = Math.min(MOST, Math.max(LEAST, Math.floor(VALUES / width)));
  return Math.min(most, Math.max(least, usual));
}
