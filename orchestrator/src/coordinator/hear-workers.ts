/**
 * What workers say, taken apart: rows and happenings for the journal, everything else for the core; memory for the book of
 * processes.
 */
import type { Launcher } from '../launch/launcher.js';
import type { CoreEvent } from './core/core-types.js';
import type { RunJournal } from './run-journal.js';
import type { WorkerMessage } from './session.js';
import type { SessionEvents } from './session-book.js';
import type { WorkerDesk } from './worker-desk.js';
import { entryWords, eventOf, joinedEvent } from './worker-words.js';

export function hearWorkers(
  journal: RunJournal,
  launcher: Pick<Launcher, 'incarnationOf'>,
  desk: Pick<WorkerDesk, 'heardPeak'>,
  hear: (event: CoreEvent) => void,
): SessionEvents {
  return {
    incarnationOf: (worker, told) => launcher.incarnationOf(worker, told),
    onJoin: (join) => {
      journal.note('fingerprint', join.fingerprintJson, join.workerId);
      hear(joinedEvent(join));
    },
    onMessage: (worker, message) => {
      writeDown(journal, worker, message);
      if (message.case === 'heartbeat') desk.heardPeak(worker, Number(message.value.peakBytes));
      const event = eventOf(worker, message);
      if (event) hear(event);
    },
    onClosed: (worker) => hear({ kind: 'closed', worker }),
    onRefused: (words) => journal.note('refused', words),
  };
}

function writeDown(journal: RunJournal, worker: string, message: WorkerMessage): void {
  if (message.case === 'rows') journal.record(message.value);
  else if (message.case === 'happened') journal.note(message.value.event, message.value.message, worker);
  else if (message.case === 'entered') journal.note('entered', entryWords(message.value), worker);
}
