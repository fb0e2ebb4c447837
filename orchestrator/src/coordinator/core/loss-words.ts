/**
 * How a lost worker is told of: who, where it was, how its process ended, what it said last.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { CoreState, Loss, Member } from './core-state.js';
import type { CoreEvent } from './core-types.js';
import { seconds } from './decision.js';

export type Exited = Extract<CoreEvent, { kind: 'exited' }>;

const OUTPUT_HINT = 'Its whole output: `bagfleet logs`. The checkpoints written so far are whole.';

const BEFORE_STEPS: Readonly<Partial<Record<Member['phase'], string>>> = {
  joined: 'while it prepared',
  ready: 'while it waited for its generation',
  member: 'before its first step',
  finished: 'after it had finished',
};

export function whereabouts({ phase, doing }: Member): string {
  if (phase === 'launched') return 'before it joined';
  if (!doing || doing.epoch === 0) return BEFORE_STEPS[phase] ?? 'while it left';
  return doing.phase === 'step'
    ? `in epoch ${doing.epoch}, step ${doing.step}`
    : `in epoch ${doing.epoch}, ${doing.phase}`;
}

export function howItEnded({ code, signal, why }: Exited): string {
  if (why !== null) return why;
  if (signal) return `was killed by ${signal}`;
  // The process of an earlier coordinator is not our child: that it ended is all that can be seen.
  return code === null ? 'ended' : `ended with exit code ${code}`;
}

/** `was killed for memory in epoch 1, step 3: its limit is 2Gi`. */
function howAndWhere(exit: Exited, where: string): string {
  const how = howItEnded(exit);
  const [, what, details] = /^([^(:]*)(: .*)$/s.exec(how) ?? [null, how, ''];
  return `${what} ${where}${details}`;
}

/** Of the status: how the last one lost ended, as long as it has not come back. */
export function lastEndWords({ members, lastLoss }: CoreState, id?: string): string {
  const phase = members.get(lastLoss?.worker ?? '')?.phase;
  if (!lastLoss || (phase !== 'launched' && phase !== 'joined' && phase !== 'gone')) return '';
  // That it had no place is told where places are.
  if (lastLoss.error.code !== 'worker-lost' || (id !== undefined && id !== lastLoss.worker)) return '';
  return lastLoss.error.message.split('\n')[0];
}

export function lastWords({ lastLines }: Exited): string {
  if (lastLines.length === 0) return '';
  return `\n  its last lines:\n${lastLines.map((line) => `    ${line}`).join('\n')}`;
}

export function exitError(exit: Exited, where: string): BagfleetError {
  return new BagfleetError('worker-lost', `${howAndWhere(exit, where)}${lastWords(exit)}`, {
    culprit: `worker ${exit.worker}`,
    hint: OUTPUT_HINT,
  });
}

/**
 * A stream that ended is explained by the exit that follows. Of a worker that we killed the exit says nothing new
 * but its last lines.
 */
export function explained(loss: Loss, exit: Exited, where: string): BagfleetError {
  if (loss.byStream) return exitError(exit, where);
  const { code, message, culprit, hint } = loss.error;
  return new BagfleetError(code, `${message}${lastWords(exit)}`, {
    ...(culprit === undefined ? {} : { culprit }),
    ...(hint === undefined ? {} : { hint }),
  });
}

export function closedSession(member: Member): BagfleetError {
  return new BagfleetError('worker-lost', `closed its session ${whereabouts(member)}`, {
    culprit: `worker ${member.id}`,
    hint: OUTPUT_HINT,
  });
}

export function silence(member: Member, now: number): BagfleetError {
  const silent = ((now - (member.heardAt ?? now)) / 1000).toFixed(1);
  return new BagfleetError('worker-lost', `was not heard for ${silent} s ${whereabouts(member)}`, {
    culprit: `worker ${member.id}`,
    hint: 'Is its machine overloaded or stopped? The limit is fleet.heartbeatTimeout.',
  });
}

export function notReady(member: Member, setupMs: number): BagfleetError {
  const last = member.doing?.phase ?? member.phase;
  return new BagfleetError(
    'wait-timeout',
    `was not ready after ${seconds(setupMs)}: its last phase was "${last}"`,
    {
      culprit: `worker ${member.id}`,
      hint: 'See `bagfleet logs`; the limit is fleet.setupTimeout.',
    },
  );
}

export function notPlaced(member: Member, placeMs: number): BagfleetError {
  return new BagfleetError(
    'wait-timeout',
    `had no place to run within ${seconds(placeMs)}: ${member.placing}`,
    {
      culprit: `worker ${member.id}`,
      hint: 'The limit is fleet.kubernetes.placeTimeout.',
    },
  );
}

export function notEntered(member: Member, generation: string, ms: number): BagfleetError {
  const last = member.doing?.phase ?? 'none';
  const message = `did not enter generation ${generation} within ${seconds(ms)}: its last word was "${last}"`;
  return new BagfleetError('wait-timeout', message, {
    culprit: `worker ${member.id}`,
    hint: 'See `bagfleet logs`; the limit is fleet.stepTimeout.',
  });
}

export function stuck(member: Member, now: number): BagfleetError {
  const since = seconds(now - member.doingSince);
  const on = member.doing ? `its last word was "${member.doing.phase}"` : 'it never said what it does';
  return new BagfleetError(
    'worker-lost',
    `has shown no progress for ${since} ${whereabouts(member)}: ${on}`,
    {
      culprit: `worker ${member.id}`,
      hint: 'It still answers, but its computation stands. See `bagfleet logs`.',
    },
  );
}

export function unsaid(member: Member): BagfleetError {
  const message = 'finished, but however often it was asked, with which state was not heard';
  return new BagfleetError('worker-lost', message, { culprit: `worker ${member.id}`, hint: OUTPUT_HINT });
}
