/**
 * Random events for the core: most are what could really come in the state at hand, some are nonsense.
 */
import type { CoreState } from '@bagfleet/orchestrator/coordinator/core/core-state';
import type { CoreEvent, GenerationId, Limits } from '@bagfleet/orchestrator/coordinator/core/core-types';
import { BagfleetError, type ErrorCode } from '@bagfleet/proto';

/** mulberry32: small, seeded, good enough for tests. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** 0 … below - 1. */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)];
  }
}

export function randomLimits(dice: Dice, base: Limits): Limits {
  return {
    ...base,
    minWorkers: dice.pick([1, 1, 2, 3]),
    restarts: dice.pick([0, 1, 2, 10]),
    determinism: dice.pick(['strict', 'strict', 'relaxed']),
  };
}

const KINDS = [
  ...Array<CoreEvent['kind']>(8).fill('joined'),
  ...Array<CoreEvent['kind']>(8).fill('ready'),
  ...Array<CoreEvent['kind']>(8).fill('entered'),
  ...Array<CoreEvent['kind']>(6).fill('heard'),
  ...Array<CoreEvent['kind']>(4).fill('exited'),
  ...Array<CoreEvent['kind']>(5).fill('tick'),
  ...(['closed', 'closed', 'broken', 'broken', 'finished', 'finished', 'leaving', 'scale', 'kept'] as const),
] as const;

export function randomEvent(state: CoreState, dice: Dice): CoreEvent {
  if (dice.chance(0.005))
    return dice.pick<CoreEvent>([
      { kind: 'cancel', reason: 'r' },
      { kind: 'interrupt', signal: 'SIGTERM' },
    ]);
  const kind = dice.pick(KINDS);
  const ids = [...state.members.keys(), ...(dice.chance(0.1) ? ['w0', 'w7', 'stranger'] : [])];
  const worker = ids.length > 0 ? dice.pick(ids) : dice.pick(['w0', 'w1', 'w2']);
  const member = state.members.get(worker);
  const odd = dice.chance(0.03);
  switch (kind) {
    case 'joined': {
      const incarnation = odd || !member ? dice.pick(['1.1', '1.2', '0.7']) : member.incarnation;
      const members = dice.pick([['w0', 'w1', 'w2'], ['w1', 'w0'], ['w0']]);
      const generation = { lease: 1, number: dice.pick([3, 3, 3, 4]) };
      const standing = dice.chance(0.5) ? { generation, members, broken: dice.chance(0.2) } : null;
      const who = state.phase === 'adopting' ? dice.pick(['w0', 'w1', 'w2', 'w3']) : worker;
      return { kind, worker: who, incarnation, fingerprint: odd ? 'B' : 'A', standing };
    }
    case 'ready':
      return { kind, worker, address: 'a', probe: odd ? 'B' : 'A' };
    case 'heard':
      return { kind, worker, doing: dice.chance(0.5) ? null : randomDoing(dice) };
    case 'entered':
      return { kind, worker, generation: generationOf(state, odd), step: dice.below(50) };
    case 'broken': {
      const codes: ErrorCode[] = ['worker-lost', 'wait-timeout', 'machine-wrong', 'machines-disagree'];
      const error = new BagfleetError(dice.pick(codes), 'x');
      const suspects = ids.filter(() => dice.chance(0.4));
      return { kind, worker, generation: generationOf(state, odd), error, suspects };
    }
    case 'finished':
      return { kind, worker, generation: generationOf(state, odd), stateDigest: odd ? 'B' : 'A' };
    case 'leaving':
      return { kind, worker, reason: 'SIGTERM' };
    case 'kept':
      return { kind, worker: state.keeping?.worker ?? worker, step: 7 };
    case 'closed':
      return { kind, worker };
    case 'exited': {
      const process = dice.pick([...state.processes.values(), { worker, incarnation: '1.1' }]);
      const { worker: who, incarnation } = process;
      return { kind, worker: who, incarnation, code: 1, signal: null, why: null, lastLines: [] };
    }
    case 'placing':
    case 'placed': {
      const { incarnation = '1.1' } = state.members.get(worker) ?? {};
      return kind === 'placed' ? { kind, worker, incarnation } : { kind, worker, incarnation, why: 'waits' };
    }
    case 'scale':
      return { kind, workers: dice.below(6) };
    default:
      return { kind: 'tick' };
  }
}

function randomDoing(dice: Dice): { phase: string; epoch: number; step: number } {
  const phase = dice.pick(['step', 'step', 'step', 'validation', 'checkpoint', 'finished']);
  return { phase, epoch: 1 + dice.below(3), step: dice.below(9) };
}

function generationOf({ generation, made }: CoreState, odd: boolean): GenerationId {
  return odd || !generation ? { lease: 1, number: Math.max(1, made - 1) } : generation;
}
