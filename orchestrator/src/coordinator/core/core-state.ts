/**
 * What the coordinator's core remembers, and the questions that its policies ask of it.
 * In: a state. Out: facts about it, or the state with one fact changed. No decision is made here.
 */
import type { BagfleetError } from '@bagfleet/proto';
import type {
  CoreEffect,
  Doing,
  GenerationId,
  Limits,
  MemberPhase,
  Standing,
  Verdict,
} from './core-types.js';
import type { IdMap } from './id-map.js';

/** A worker id: the process that bears it now, and what is remembered of those before. */
export interface Member {
  readonly id: string;
  readonly phase: MemberPhase;
  readonly incarnation: string;
  /** Or when its process began, where that is told. */
  readonly launchedAt: number;
  /** launched: why it has no place to run yet. */
  readonly placing: string | null;
  readonly heardAt: number | null;
  readonly doing: Doing | null;
  readonly doingSince: number;
  readonly fingerprint: string | null;
  readonly probe: string | null;
  readonly address: string | null;
  /** Of a worker that outlived an earlier coordinator. */
  readonly standing: Standing | null;
  /** It holds the state of a step: it entered a generation once. */
  readonly hasState: boolean;
  readonly memberSince: number | null;
  /** When it entered the current generation. */
  readonly enteredAt: number | null;
  readonly finished: { readonly generation: GenerationId; readonly digest: string } | null;
  /** leaving: it was told to stop. */
  readonly dismissed: boolean;
  /** gone: when it is launched again. */
  readonly restartAt: number | null;
  /** gone for good. */
  readonly closed: boolean;
  /** Restarts used of its budget, and deaths in a row before it was ready. */
  readonly restarts: number;
  readonly earlyDeaths: number;
}

/** A process that was not seen to end yet. */
export interface Process {
  readonly worker: string;
  readonly incarnation: string;
  /** It leaves by itself until then, or is killed. */
  readonly killAt: number | null;
  readonly killedAt: number | null;
  /** Where it was when it was lost. */
  readonly where: string | null;
}

export interface Loss {
  readonly worker: string;
  readonly incarnation: string;
  readonly error: BagfleetError;
  readonly at: number;
  /** Its process has ended, and said how. */
  readonly known: boolean;
  /** Its stream ended: the exit that follows is the explanation, not the consequence. */
  readonly byStream: boolean;
}

export interface Keeping {
  readonly worker: string;
  readonly incarnation: string;
  readonly since: number;
  /** What happens when the checkpoint is kept, or can't be. */
  readonly then: 'interrupt' | 'fail' | 'leave';
  readonly error: BagfleetError | null;
}

export interface CoreState {
  readonly limits: Limits;
  readonly phase: 'new' | 'adopting' | 'gathering' | 'training' | 'waiting' | 'ending' | 'over';
  readonly lease: number;
  readonly wanted: number;
  /** Launches so far: each has its own incarnation. */
  readonly launches: number;
  readonly members: IdMap<Member>;
  readonly processes: IdMap<Process>;
  /** The current generation, its members in rank order, and how many this core has made. */
  readonly generation: GenerationId | null;
  readonly roster: readonly string[];
  readonly made: number;
  readonly begunAt: number;
  /** The current generation can't go on: the next one need not wait for a step's end. */
  readonly disturbed: boolean;
  /** Why there will be a next generation. */
  readonly reasons: readonly string[];
  /** What the fleet computes on. */
  readonly machine: { readonly fingerprint: string; readonly probe: string; readonly like: string } | null;
  readonly takeover: boolean;
  readonly adoptUntil: number | null;
  readonly waitingSince: number;
  readonly complaints: readonly { readonly from: string; readonly suspects: readonly string[] }[];
  readonly complainedAt: number;
  readonly keeping: Keeping | null;
  /** The signal that told the run to stop. */
  readonly interrupted: string | null;
  /** The furthest that a member was heard to be, and how many generations began since it last moved. */
  readonly furthest: { readonly epoch: number; readonly step: number; readonly updates: number };
  readonly barren: number;
  readonly rollbacks: number;
  readonly lastLoss: Loss | null;
  readonly status: Extract<CoreEffect, { kind: 'status' }> | null;
  /** The ids that were told to the launcher: below w<size>. */
  readonly size: number;
  readonly verdict: Verdict | null;
  readonly endingSince: number;
}

export interface Decision {
  readonly state: CoreState;
  readonly effects: readonly CoreEffect[];
}

export const nowhere = { epoch: 0, step: 0, updates: 0 };

export function withMember(state: CoreState, member: Member): CoreState {
  return { ...state, members: state.members.with(member.id, member) };
}

export function withoutMember(state: CoreState, id: string): CoreState {
  return { ...state, members: state.members.without(id) };
}

/** A worker that speaks: it has a session. */
export function isHere({ phase }: Member): boolean {
  return phase === 'joined' || phase === 'ready' || phase === 'member' || phase === 'finished';
}

export function isMember({ phase }: Member): boolean {
  return phase === 'member' || phase === 'finished';
}

/** Every event asks for them several times, of the same state. */
const survivorsOf = new WeakMap<CoreState, readonly Member[]>();

/** Members of the current generation that were not lost, in rank order. */
export function survivors(state: CoreState): readonly Member[] {
  const known = survivorsOf.get(state);
  if (known) return known;
  const found: Member[] = [];
  for (const id of state.roster) {
    const member = state.members.get(id);
    if (member && isMember(member)) found.push(member);
  }
  survivorsOf.set(state, found);
  return found;
}

/** In id order. */
export function inPhase(state: CoreState, ...phases: readonly MemberPhase[]): Member[] {
  return sortedById(state.members.values().filter(({ phase }) => phases.includes(phase)));
}

/** How many are in one of these phases. */
export function countInPhase({ members }: CoreState, ...phases: readonly MemberPhase[]): number {
  let count = 0;
  for (const { phase } of members.values()) if (phases.includes(phase)) count++;
  return count;
}

/** How many are there or may still come. */
export function activeCount({ members }: CoreState): number {
  let count = 0;
  for (const { closed } of members.values()) if (!closed) count++;
  return count;
}

/** Who could write a checkpoint, members in rank order first. */
export function holders(state: CoreState): Member[] {
  const members = survivors(state);
  return [...members, ...inPhase(state, 'ready')].filter(({ hasState }) => hasState);
}

/** The fewest workers that train. */
export function need({ limits, wanted }: CoreState): number {
  return Math.max(1, Math.min(limits.minWorkers, wanted));
}

/** w2 before w10. */
export function byId({ members }: CoreState): Member[] {
  return sortedById([...members.values()]);
}

/** The one with the highest number, of those that are wanted. */
export function lastById({ members }: CoreState, isWanted: (member: Member) => boolean): Member | null {
  let last: Member | null = null;
  for (const member of members.values())
    if (isWanted(member) && (!last || compareIds(last, member) < 0)) last = member;
  return last;
}

function sortedById(members: Member[]): Member[] {
  return members.sort(compareIds);
}

/** Every event sorts hundreds of ids: of two numbers the longer one is the greater. */
function compareIds({ id: a }: Member, { id: b }: Member): number {
  return a.length - b.length || (a < b ? -1 : 1);
}

export function sameGeneration(a: GenerationId | null, b: GenerationId | null): boolean {
  return a !== null && b !== null && a.lease === b.lease && a.number === b.number;
}

export function isLater(a: GenerationId, b: GenerationId): boolean {
  return a.lease === b.lease ? a.number > b.number : a.lease > b.lease;
}
