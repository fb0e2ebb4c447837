/**
 * The probe bag: one made-up bag that every worker computes before it may train. Machines that compute the
 * same bits give the same digest; another digest means that their gradients would differ too (I2).
 */
import { createHash } from 'node:crypto';
import { CounterRng, type DatasetManifest } from '@bagfleet/proto';
import type { ComputeClient } from '../engine/compute-client.js';
import { sharedFloats, type TrainingState } from './training-state.js';

/** Instances of the probe: enough that threads and vector widths would show, few enough to take milliseconds. */
const INSTANCES = 64;

/** Digest of loss, logits and gradient of the probe bag, in hex. */
export async function probeDigest(
  compute: ComputeClient,
  state: TrainingState,
  manifest: DatasetManifest,
): Promise<string> {
  const width = manifest.instanceShape.reduce((product, size) => product * size, 1);
  const features = sharedFloats(INSTANCES * width); // [64, ...instanceShape]
  features.set(new CounterRng(0, ['probe']).normal(features.length));
  const into = sharedFloats(state.layout.length);
  const bag = { id: 'probe', label: 1, instances: INSTANCES, features };
  const { loss, logits } = await compute.call('gradient', { bag, epoch: 0, into });
  const hash = createHash('sha256')
    .update(new Float64Array([loss]))
    .update(logits)
    .update(into);
  return hash.digest('hex');
}
