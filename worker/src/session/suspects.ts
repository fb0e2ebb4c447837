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

/** A member that only left in good order (it heard of the next generation first) is not to blame. */
export function suspectsOf(error: BagfleetError, members: readonly Member[]): string[] {
  if (error.code === 'cancelled' || error.message.startsWith('it left ')) return [];
  const culprit = error.culprit ?? '';
  return members.filter((_, rank) => culprit.includes(nameOfMember(members, rank))).map(({ id }) => id);
}
