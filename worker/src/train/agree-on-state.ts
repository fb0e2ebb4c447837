/**
 * After each epoch the workers compare digests of their states: the same bits everywhere, or the run ends.
 */
import { BagfleetError } from '@bagfleet/proto';
import { stateDigest } from '../checkpoint/state-digest.js';
import type { RunParts } from './run-parts.js';

/** Errors: `state-mismatch` names the first rank whose state differs from that of rank 0. */
export async function agreeOnState(parts: RunParts, epoch: number): Promise<void> {
  const digest = Buffer.from(stateDigest(parts.state), 'hex');
  const digests = await parts.collective.exchange({ epoch, step: 0 }, 'state digest', digest);
  const odd = digests.findIndex((other) => Buffer.compare(other, digests[0]) !== 0);
  if (odd < 0) return;
  throw new BagfleetError('state-mismatch', `holds another state than rank 0 after epoch ${epoch}`, {
    culprit: `worker of rank ${odd}`,
    hint: 'One of the machines computes differently: see the fingerprints in events.jsonl.',
  });
}
