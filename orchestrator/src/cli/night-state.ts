/** A night's outcome as people see it: in the colour of what it means. */
import type { Night } from '@bagfleet/proto';
import { type Paint, paint } from './terminal.js';

const COLOURS: Readonly<Record<NonNullable<Night['outcome']>, Paint>> = {
  promoted: 'green',
  refused: 'yellow',
  'nothing-new': 'dim',
  skipped: 'yellow',
  cancelled: 'yellow',
  failed: 'red',
};

/** null: it has not come to its end. */
export function paintOutcome(outcome: Night['outcome']): string {
  return outcome === null ? paint('cyan', 'open') : paint(COLOURS[outcome], outcome);
}
