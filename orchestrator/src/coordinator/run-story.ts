/**
 * What the lines of events.jsonl mean to somebody outside who wants the few that matter: the start, a worker that is
 * lost, the recovery from that, a checkpoint, the end. Pure.
 * In: the story so far, the next line or the last status. Out: the story from there on, a happening or null.
 */
import type { EventRow, RunStatus } from '@bagfleet/proto';

export interface Happening {
  /** One word in CamelCase, as Kubernetes likes it. */
  readonly reason: string;
  readonly type: 'Normal' | 'Warning';
  /** One line. */
  readonly message: string;
  readonly time: string;
}

/** What tells one generation from another: the first, one after a loss, one after a change of size. */
export interface Story {
  readonly hasBegun: boolean;
  readonly hasLost: boolean;
  readonly isScaled: boolean;
}

export const NO_STORY: Story = { hasBegun: false, hasLost: false, isScaled: false };

/** Kubernetes allows 1024 bytes. */
const LONGEST_MESSAGE = 500;

const NORMAL: Readonly<Record<string, string>> = {
  resumed: 'Resumed',
  launching: 'Launching',
  takeover: 'TookOver',
  adopted: 'Recovered',
  restart: 'WorkerRestarted',
  leaving: 'WorkerLeaving',
  checkpoint: 'CheckpointWritten',
  kept: 'CheckpointWritten',
  scale: 'Scaling',
  'early-stop': 'StoppedEarly',
  interrupt: 'Interrupting',
  'handed-over': 'HandedOver',
};

const WARNING: Readonly<Record<string, string>> = {
  lost: 'WorkerLost',
  expelled: 'WorkerExpelled',
  refused: 'Refused',
  'not-restarted': 'WorkerNotRestarted',
  waiting: 'WaitingForWorkers',
  complaints: 'LinkBroken',
  rollback: 'RolledBack',
  'not-kept': 'CheckpointNotWritten',
  'bag-skipped': 'BagLeftOut',
  'giving-up': 'GivingUp',
};

const LOSSES: readonly string[] = ['lost', 'expelled', 'leaving', 'complaints', 'rollback', 'takeover'];

const ENDS: Readonly<Record<string, string>> = {
  done: 'Completed',
  failed: 'Failed',
  cancelled: 'Cancelled',
  interrupted: 'Interrupted',
};

export function afterRow(story: Story, row: EventRow): { story: Story; happening: Happening | null } {
  if (row.event === 'generation')
    return {
      story: { hasBegun: true, hasLost: false, isScaled: false },
      happening: happening(generationReason(story), 'Normal', row),
    };
  const next: Story = {
    hasBegun: story.hasBegun || row.event === 'takeover',
    hasLost: (story.hasLost || LOSSES.includes(row.event)) && row.event !== 'adopted',
    isScaled: story.isScaled || row.event === 'scale',
  };
  const warning = WARNING[row.event];
  if (warning !== undefined) return { story: next, happening: happening(warning, 'Warning', row) };
  const normal = NORMAL[row.event];
  return { story: next, happening: normal === undefined ? null : happening(normal, 'Normal', row) };
}

/** The end is told by the status: not every end has a line. */
export function endOf(status: RunStatus): Happening | null {
  const { state, epoch, epochs, endedAt } = status;
  const reason = ENDS[state];
  if (reason === undefined) return null;
  const message =
    state === 'done' ? `the run is complete after epoch ${epoch} of ${epochs}` : whyEnded(status);
  return happening(reason, state === 'failed' ? 'Warning' : 'Normal', { message, time: endedAt ?? '' });
}

function whyEnded({ error, phase }: RunStatus): string {
  if (!error) return phase;
  return error.culprit === undefined ? error.message : `${error.culprit}: ${error.message}`;
}

function generationReason({ hasBegun, hasLost, isScaled }: Story): string {
  if (!hasBegun) return 'Started';
  if (hasLost) return 'Recovered';
  return isScaled ? 'Scaled' : 'Regrouped';
}

/** The first line alone: what follows quotes a worker's output. */
function happening(
  reason: string,
  type: Happening['type'],
  { message, time }: Pick<EventRow, 'message' | 'time'>,
): Happening {
  const [line] = message.split('\n', 1);
  const short = line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line;
  return { reason, type, message: short, time };
}
