/**
 * Plays a transcript of the coordinator's core and writes down what it decides.
 * In: lines such as `1200 exited w1 signal SIGKILL | its last line`. Out: the same lines, each followed by the
 * effects that it had, one per line behind an arrow.
 *
 * Words before the first event set the fleet: `workers 3`, `min 2`, `restarts 0`, `relaxed`. `all` stands for every
 * worker that could say this. What is not said is what a sound worker would say: its own incarnation (else
 * `as 1.1`), the current generation (else `in 1.2`).
 */

import { initialCore, step } from '@bagfleet/orchestrator/coordinator/core/coordinator-core';
import type { CoreState } from '@bagfleet/orchestrator/coordinator/core/core-state';
import type {
  CoreEffect,
  CoreEvent,
  GenerationId,
  Limits,
  MemberPhase,
  Standing,
} from '@bagfleet/orchestrator/coordinator/core/core-types';
import { BagfleetError, type ErrorCode } from '@bagfleet/proto';

const ARROW = '  → ';

export const LIMITS: Limits = {
  minWorkers: 1,
  waitMs: 100_000,
  setupMs: 60_000,
  placeMs: 600_000,
  heartbeatMs: 5000,
  stepMs: 20_000,
  evaluationMs: 50_000,
  checkpointMs: 30_000,
  graceMs: 2000,
  adoptMs: 8000,
  stopMs: 4000,
  keepMs: 10_000,
  restarts: 10,
  backoffMs: 1000,
  determinism: 'strict',
};

export function playTranscript(text: string): string {
  const lines = text.split('\n').filter((line) => !line.startsWith(ARROW));
  const setting = (name: string, otherwise: number) =>
    Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? otherwise);
  let state = initialCore({
    ...LIMITS,
    minWorkers: setting('min', LIMITS.minWorkers),
    restarts: setting('restarts', LIMITS.restarts),
    determinism: /^relaxed$/m.test(text) ? 'relaxed' : 'strict',
  });
  const played: string[] = [];
  for (const line of lines) {
    played.push(line);
    const [, time, kind, rest = ''] = /^(\d+) (\w+) ?(.*)$/.exec(line) ?? [];
    if (time === undefined) continue;
    for (const event of eventsOf(state, kind, rest, setting('workers', 1))) {
      const decision = step(state, event, Number(time));
      state = decision.state;
      played.push(...decision.effects.map((effect) => `${ARROW}${describeEffect(effect)}`));
    }
  }
  return played.join('\n');
}

/** Who could say it, when it is said of `all`. */
const SPEAKERS: Readonly<Record<string, readonly MemberPhase[]>> = {
  joined: ['launched'],
  ready: ['joined'],
  heard: ['joined', 'ready', 'member', 'finished', 'leaving'],
  entered: ['member'],
  finished: ['member'],
};

function eventsOf(state: CoreState, kind: string, rest: string, workers: number): CoreEvent[] {
  if (!rest.startsWith('all')) return [eventOf(state, kind, rest, workers)];
  const ids =
    kind === 'exited'
      ? [...state.processes.values()].map(({ worker, incarnation }) => `${worker} as ${incarnation}`)
      : [...state.members.values()].flatMap(({ id, phase }) => (SPEAKERS[kind].includes(phase) ? [id] : []));
  return ids.map((id) => eventOf(state, kind, rest.replace('all', id), workers));
}

function eventOf(state: CoreState, kind: string, rest: string, workers: number): CoreEvent {
  const [worker, ...words] = rest.split(' ');
  const incarnation = cut(words, 'as') ?? state.members.get(worker)?.incarnation ?? '?';
  switch (kind) {
    case 'begin':
      return {
        kind,
        lease: Number(/lease (\d+)/.exec(rest)?.[1] ?? 1),
        workers,
        takeover: rest.includes('takeover'),
      };
    case 'tick':
      return { kind };
    case 'joined': {
      const standing = standingOf(words);
      return { kind, worker, incarnation, fingerprint: words.join(' '), standing };
    }
    case 'ready':
      return { kind, worker, address: `127.0.0.1:700${worker.slice(1)}`, probe: words.join(' ') };
    case 'heard':
      return {
        kind,
        worker,
        doing: words[0] ? { phase: words[0], epoch: Number(words[1]), step: Number(words[2]) } : null,
      };
    case 'entered':
      return { kind, worker, generation: generationOf(state, words), step: Number(cut(words, 'at') ?? 0) };
    case 'broken': {
      const generation = generationOf(state, words);
      const [who, ...error] = words.join(' ').split(': ');
      const suspects = who.split(' ').filter((word) => word !== 'by' && word !== '');
      return { kind, worker, generation, error: errorOf(error.join(': ')), suspects };
    }
    case 'finished':
      return { kind, worker, generation: generationOf(state, words), stateDigest: words.join(' ') };
    case 'failed':
      return { kind, worker, error: errorOf(words.join(' ')) };
    case 'leaving':
      return { kind, worker, reason: words.join(' ') };
    case 'kept':
      return { kind, worker, step: Number(words[0]) };
    case 'closed':
      return { kind, worker };
    case 'placing':
      return { kind, worker, incarnation, why: words.join(' ') };
    case 'placed':
      return { kind, worker, incarnation };
    case 'exited': {
      const [how, ...last] = words.join(' ').split(' | ');
      const [what, value] = how.split(' ');
      const code = what === 'code' ? Number(value) : null;
      const why = what === 'because' ? how.slice('because '.length) : null;
      const signal = what === 'signal' ? value : null;
      return { kind, worker, incarnation, code, signal, why, lastLines: last };
    }
    case 'scale':
      return { kind, workers: Number(rest) };
    case 'cancel':
      return { kind, reason: rest };
    case 'interrupt':
      return { kind, signal: rest };
    default:
      throw new Error(`no such event in a transcript: ${kind}`);
  }
}

/** Takes `name value` out of the words; the value is a number such as 12 or 1.2. */
function cut(words: string[], name: string): string | undefined {
  const at = words.findIndex((word, k) => word === name && /^\d+(\.\d+)?$/.test(words[k + 1] ?? ''));
  return at < 0 ? undefined : words.splice(at, 2)[1];
}

function generationOf(state: CoreState, words: string[]): GenerationId {
  return parseGeneration(cut(words, 'in')) ?? state.generation ?? { lease: 0, number: 0 };
}

/** `in 1.3 with w0 w1 broken`: all to the end of the line. */
function standingOf(words: string[]): Standing | null {
  const generation = parseGeneration(cut(words, 'in'));
  const at = words.indexOf('with');
  if (!generation || at < 0) return null;
  const members = words.splice(at).slice(1);
  return {
    generation,
    members: members.filter((word) => word !== 'broken'),
    broken: members.includes('broken'),
  };
}

function parseGeneration(text: string | undefined): GenerationId | null {
  const [lease, number] = (text ?? '').split('.').map(Number);
  return text === undefined ? null : { lease, number };
}

function errorOf(text: string): BagfleetError {
  const [code, ...message] = text.split(' ');
  return new BagfleetError(code as ErrorCode, message.join(' '));
}

function describeEffect(effect: CoreEffect): string {
  switch (effect.kind) {
    case 'launch':
      return `launch ${effect.worker} as ${effect.incarnation}`;
    case 'welcome':
    case 'keep':
    case 'kill':
      return `${effect.kind} ${effect.worker}`;
    case 'refuse':
      return `refuse ${effect.worker}: ${oneLine(effect.error.describe())}`;
    case 'start': {
      const members = effect.members.map(({ id }) => id).join(' ');
      const { lease, number } = effect.generation;
      const how = effect.graceful ? ' gracefully' : '';
      return `start ${effect.worker} as rank ${effect.rank} of generation ${lease}.${number} (${members})${how}`;
    }
    case 'stop':
      return `stop ${effect.worker}${effect.complete ? ' for good' : ''}: ${oneLine(effect.reason)}`;
    case 'size':
      return `size ${effect.ids}`;
    case 'status':
      return `status ${effect.state}, ${effect.workers}: ${effect.phase}`;
    case 'note':
      return `note ${effect.event}: ${oneLine(effect.message)}`;
    case 'conclude':
      return `conclude ${effect.verdict.state}`;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' / ');
}
