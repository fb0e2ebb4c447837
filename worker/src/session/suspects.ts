/**
 * Whom an error blames. In: an error of the collective and the members. Out: ids of members; and whether another
 * generation can mend it, or the worker itself is in trouble.
 */
import type { BagfleetError, ErrorCode } from '@bagfleet/proto';
import { type Member, nameOfMember } from '../collective/generation.js';

/** The generation can't go on, the next one may. */
const ENDS_A_GENERATION: readonly ErrorCode[] = [
  'cancelled',
  'worker-lost',
  'wait-timeout',
  'peer-refused',
  'machine-wrong',
  'machines-disagree',
];

export function endsGenerationOnly(error: BagfleetError): boolean {
  return ENDS_A_GENERATION.includes(error.code);
}

/** Whom a checkpoint's own trouble is laid at the door of: nobody else writes it. */
export const CHECKPOINT_CULPRIT = 'the checkpoint of step';

/**
 * A member that only left in good order (it heard of the next generation first) is not to blame. A worker whose
 * checkpoint is not committed in time blames itself: another one may have a better way to the store.
 */
export function suspectsOf(error: BagfleetError, members: readonly Member[], own: string): string[] {
  if (error.culprit?.startsWith(CHECKPOINT_CULPRIT)) return [own];
  if (error.code === 'cancelled' || error.message.startsWith('it left ')) return [];
  const culprit = error.culprit ?? '';
  return members.filter((_, rank) => culprit.includes(nameOfMember(members, rank))).map(({ id }) => id);
}
