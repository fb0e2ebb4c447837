/** How a run's state is shown: a colour for what needs a look. */
import type { ShownState } from '../registry/read-run.js';
import { type Paint, paint } from './terminal.js';

const COLOURS: Readonly<Record<ShownState, Paint>> = {
  starting: 'cyan',
  running: 'cyan',
  waiting: 'yellow',
  done: 'green',
  failed: 'red',
  cancelled: 'yellow',
  interrupted: 'yellow',
  lost: 'red',
  unreadable: 'red',
};

export function paintState(state: ShownState): string {
  return paint(COLOURS[state], state);
}
