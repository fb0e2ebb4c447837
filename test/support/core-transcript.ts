/**
 * Plays a transcript of the coordinator's core and writes down what it decides.
 * In: lines such as `1200 exited w1 signal SIGKILL | its last line`. Out: the same lines, each followed by the
 * effects that it had, one per line behind an arrow.
 */

import { initialCore, step } from '@bagfleet/orchestrator/coordinator/core/coordinator-core';
import type { CoreEffect, CoreEvent } from '@bagfleet/orchestrator/coordinator/core/core-types';
import { BagfleetError, type ErrorCode } from '@bagfleet/proto';

const ARROW = '  → ';

export function playTranscript(text: string): string {
  const lines = text.split('\n').filter((line) => !line.startsWith(ARROW));
  const workers = Number(/^workers (\d+)/m.exec(text)?.[1] ?? 1);
  const determinism = /^relaxed$/m.test(text) ? 'relaxed' : 'strict';
  let state = initialCore({
    workers,
    setupMs: 60_000,
    heartbeatMs: 5000,
    graceMs: 2000,
    stopMs: 4000,
    determinism,
  });
  const played: string[] = [];
  for (const line of lines) {
    played.push(line);
    const event = parseLine(line);
    if (!event) continue;
    const decision = step(state, event.event, event.now);
    state = decision.state;
    played.push(...decision.effects.map((effect) => `${ARROW}${describeEffect(effect)}`));
  }
  return played.join('\n');
}

function parseLine(line: string): { now: number; event: CoreEvent } | null {
  const [, time, kind, rest = ''] = /^(\d+) (\w+) ?(.*)$/.exec(line) ?? [];
  return time === undefined ? null : { now: Number(time), event: eventOf(kind, rest) };
}

function eventOf(kind: string, rest: string): CoreEvent {
  const [worker, ...words] = rest.split(' ');
  const tail = words.join(' ');
  switch (kind) {
    case 'begin':
    case 'tick':
      return { kind };
    case 'joined':
      return { kind, worker, fingerprint: tail };
    case 'ready':
      return { kind, worker, address: `127.0.0.1:700${worker.slice(1)}`, probe: tail };
    case 'heard':
      return { kind, worker, doing: { phase: words[0], epoch: Number(words[1]), step: Number(words[2]) } };
    case 'finished':
      return { kind, worker, stateDigest: tail };
    case 'failed':
      return { kind, worker, error: new BagfleetError(words[0] as ErrorCode, words.slice(1).join(' ')) };
    case 'closed':
      return { kind, worker };
    case 'exited': {
      const [how, ...last] = tail.split(' | ');
      const [what, value] = how.split(' ');
      const code = what === 'code' ? Number(value) : null;
      return { kind, worker, code, signal: what === 'signal' ? value : null, lastLines: last };
    }
    case 'cancel':
      return { kind, reason: rest };
    case 'interrupt':
      return { kind, signal: rest };
    default:
      throw new Error(`no such event in a transcript: ${kind}`);
  }
}

function describeEffect(effect: CoreEffect): string {
  switch (effect.kind) {
    case 'launch':
    case 'welcome':
    case 'kill':
      return `${effect.kind} ${effect.worker}`;
    case 'refuse':
      return `refuse ${effect.worker}: ${oneLine(effect.error.describe())}`;
    case 'start': {
      const members = effect.members.map(({ id }) => id).join(' ');
      return `start ${effect.worker} as rank ${effect.rank} of generation ${effect.generation} (${members})`;
    }
    case 'stop':
      return `stop ${effect.worker}: ${oneLine(effect.reason)}`;
    case 'note':
      return `note ${effect.event}: ${oneLine(effect.message)}`;
    case 'conclude':
      return `conclude ${effect.verdict.state}`;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' / ');
}
