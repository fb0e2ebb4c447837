/**
 * After each epoch the workers compare digests of their states: the same bits everywhere.
 * Errors: `machine-wrong` names the one that holds another state than most; `machines-disagree` names all,
 * where there is no majority.
 */
import { BagfleetError } from '@bagfleet/proto';
import { stateDigest } from '../checkpoint/state-digest.js';
import { nameAt } from '../collective/generation.js';
import { oddOnes } from './odd-ones.js';
import type { RunParts } from './run-parts.js';

export async function agreeOnState(parts: RunParts, epoch: number): Promise<void> {
  const digest = Buffer.from(stateDigest(parts.state), 'hex');
  const digests = await parts.collective.exchange({ epoch, step: 0 }, 'state digest', digest);
  refuseOddOnes(
    parts.members.map(nameAt),
    digests.map((other) => Buffer.from(other).toString('hex')),
    `after epoch ${epoch}`,
  );
}

/** `names` and `digests` belong together; `when` completes the sentence. */
export function refuseOddOnes(names: readonly string[], digests: readonly string[], when: string): void {
  const odd = oddOnes(digests);
  if (odd.places.length === 0) return;
  const culprit = odd.places.map((place) => names[place]).join(', ');
  const hint = 'See the fingerprints in events.jsonl, and have that machine checked.';
  throw odd.certain
    ? new BagfleetError('machine-wrong', `holds another state than the others ${when}`, { culprit, hint })
    : new BagfleetError(
        'machines-disagree',
        `hold different states ${when}, and no majority tells who is wrong`,
        { culprit, hint },
      );
}
