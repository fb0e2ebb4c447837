/**
 * The status that people see: a function of the state, told whenever it changes.
 */
import type { CoreState, Decision, Member } from './core-state.js';
import { countInPhase, inPhase, isMember, survivors } from './core-state.js';
import type { CoreEffect } from './core-types.js';
import { countOf, only } from './decision.js';
import { lastEndWords } from './loss-words.js';
import { placingWords } from './placing.js';
import { waitSentence } from './waiting.js';

type Status = Extract<CoreEffect, { kind: 'status' }>;

const READY = ['ready', 'member', 'finished'] as const;

export function tellStatus(state: CoreState): Decision {
  const status = statusOf(state);
  const { status: told } = state;
  if (
    !status ||
    (told?.state === status.state && told.workers === status.workers && told.phase === status.phase)
  )
    return only(state);
  return only({ ...state, status }, status);
}

function statusOf(state: CoreState): Status | null {
  switch (state.phase) {
    case 'adopting': {
      const ready = countInPhase(state, ...READY);
      return say('starting', ready, `taking over: ${countOf(ready)} came back so far`);
    }
    case 'gathering': {
      const ready = countInPhase(state, ...READY);
      return say('starting', ready, startingSentence(state, ready));
    }
    case 'training': {
      const members = survivors(state).length;
      return say('running', members, trainingSentence(state, members));
    }
    case 'waiting': {
      const ready = inPhase(state, ...READY);
      return say('waiting', ready.length, waitSentence(state, ready));
    }
    default:
      return null;
  }
}

function startingSentence(state: CoreState, ready: number): string {
  const held = placingWords(inPhase(state, 'launched'));
  const end = lastEndWords(state);
  const ended = end === '' ? '' : `; before, ${state.lastLoss?.worker} ${end}`;
  return `starting: ${ready} of ${countOf(state.wanted)} ready${held === '' ? '' : `; ${held}`}${ended}`;
}

function trainingSentence(state: CoreState, members: number): string {
  const ending = state.interrupted
    ? `; told to stop by ${state.interrupted}, a checkpoint is being written`
    : '';
  if (members >= state.wanted) return `training with ${countOf(members)}${ending}`;
  const others = state.members
    .values()
    .filter((member) => !isMember(member))
    .map((member) => what(state, member));
  return `training with ${members} of ${countOf(state.wanted)}${others.map((word) => `, ${word}`).join('')}${ending}`;
}

function what(state: CoreState, member: Member): string {
  const end = lastEndWords(state, member.id);
  return `${how(member)}${end === '' ? '' : ` (it ${end})`}`;
}

function how({ id, phase, closed, restartAt, placing }: Member): string {
  if (placing !== null) return `${id} has no place yet: ${placing}`;
  if (phase === 'ready') return `${id} is ready`;
  if (phase === 'leaving') return `${id} leaves`;
  if (closed || (phase === 'gone' && restartAt === null)) return `${id} is not started again`;
  return `${id} is being started`;
}

function say(state: Status['state'], workers: number, phase: string): Status {
  return { kind: 'status', state, workers, phase };
}
