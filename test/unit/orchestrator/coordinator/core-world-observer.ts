/**
 * An observer that believes nothing but events and effects, and checks the core's promises at every step.
 * In: each event with the decision that it had. Out: nothing, or an assertion that says which promise was broken.
 */
import assert from 'node:assert/strict';
import { step } from '@bagfleet/orchestrator/coordinator/core/coordinator-core';
import type { CoreState, Decision } from '@bagfleet/orchestrator/coordinator/core/core-state';
import type { CoreEffect, CoreEvent } from '@bagfleet/orchestrator/coordinator/core/core-types';

/** A launched (or adopted) process, as seen from outside. */
interface Seen {
  readonly worker: string;
  readonly incarnation: string;
  joined: boolean;
  ready: boolean;
  startedAt: number | null;
  lostAt: number | null;
  /** It is replaced without using the budget: it was told to go, or all members went back. */
  free: boolean;
  killed: boolean;
  exited: boolean;
}

type Of<K extends CoreEffect['kind']> = Extract<CoreEffect, { kind: K }>;

const IN_THE_END = new Set(['stop', 'kill', 'note', 'refuse', 'conclude']);

export class CoreObserver {
  concluded = false;
  /** Of the steps so far, until somebody takes them. */
  readonly effects: CoreEffect[] = [];
  readonly #seen: Seen[] = [];
  readonly #current = new Map<string, Seen>();
  readonly #restarts = new Map<string, number>();
  #last: { lease: number; number: number; members: Seen[] } | null = null;

  step(state: CoreState, event: CoreEvent, now: number): CoreState {
    const stale = this.#isStale(event);
    const decision = step(state, event, now);
    this.#hear(event, now, decision);
    this.#checkEnd(state, decision);
    if (stale) this.#checkNothingChanged(state, decision, now);
    for (const effect of decision.effects) this.#see(effect, state, now, decision);
    this.#checkStarts(decision);
    this.effects.push(...decision.effects);
    return decision.state;
  }

  #isStale(event: CoreEvent): boolean {
    if (event.kind !== 'exited') return false;
    const current = this.#current.get(event.worker);
    return !current || current.incarnation !== event.incarnation || current.exited;
  }

  #hear(event: CoreEvent, now: number, { state, effects }: Decision): void {
    if (!('worker' in event)) return;
    if (event.kind === 'joined' && effects.some((effect) => effect.kind === 'welcome')) {
      const current = this.#current.get(event.worker);
      if (current?.incarnation !== event.incarnation) this.#begin(event.worker, event.incarnation);
      const joined = this.#current.get(event.worker);
      if (joined) joined.joined = true;
    }
    if (event.kind === 'exited')
      for (const seen of this.#seen)
        if (seen.worker === event.worker && seen.incarnation === event.incarnation) {
          seen.exited = true;
          seen.lostAt ??= now;
        }
    const current = this.#current.get(event.worker);
    if (!current) return;
    if (event.kind === 'ready' && state.members.get(event.worker)?.phase !== 'joined')
      current.ready = current.joined;
    if (event.kind === 'leaving' && current.joined) current.free = true;
    if (event.kind === 'closed' && current.joined) current.lostAt ??= now;
  }

  #see(effect: CoreEffect, before: CoreState, now: number, { state, effects }: Decision): void {
    if (effect.kind === 'kill')
      for (const seen of this.#seen) {
        if (seen.worker !== effect.worker || seen.exited) continue;
        seen.killed = true;
        seen.lostAt ??= now;
        if (effects.some((other) => other.kind === 'note' && other.event === 'rollback')) seen.free = true;
      }
    if (effect.kind === 'note' && effect.event === 'dropped' && effect.worker) {
      this.#current.delete(effect.worker);
      this.#restarts.delete(effect.worker);
    }
    if (effect.kind === 'start') {
      const seen = this.#current.get(effect.worker);
      if (seen) seen.startedAt ??= now;
    }
    if (effect.kind === 'launch') this.#checkLaunch(effect, state);
    if (effect.kind === 'welcome') assert.notEqual(before.phase, 'ending');
    if (effect.kind === 'conclude') {
      assert.ok(!this.concluded, 'one conclusion');
      this.concluded = true;
    }
  }

  #checkLaunch({ worker, incarnation }: Of<'launch'>, { limits }: CoreState): void {
    const living = this.#seen.filter((seen) => seen.worker === worker && !seen.killed && !seen.exited);
    assert.equal(living.length, 0, `${worker} is launched while its earlier process lives`);
    assert.ok(!this.#seen.some((seen) => seen.incarnation === incarnation), 'each launch has its own name');
    const before = this.#current.get(worker);
    if (before && !before.free) {
      const proven =
        before.startedAt !== null && before.lostAt !== null && before.lostAt - before.startedAt >= 60_000;
      const used = (proven ? 0 : (this.#restarts.get(worker) ?? 0)) + 1;
      assert.ok(used <= limits.restarts, `${worker}: ${used} restarts of ${limits.restarts}`);
      this.#restarts.set(worker, used);
    }
    this.#begin(worker, incarnation);
  }

  #begin(worker: string, incarnation: string): void {
    const seen: Seen = {
      worker,
      incarnation,
      joined: false,
      ready: false,
      startedAt: null,
      lostAt: null,
      free: false,
      killed: false,
      exited: false,
    };
    this.#seen.push(seen);
    this.#current.set(worker, seen);
  }

  #checkEnd(before: CoreState, { state, effects }: Decision): void {
    if (before.phase === 'over') assert.equal(effects.length, 0, 'no effect after the end');
    if (before.verdict) {
      assert.equal(state.verdict, before.verdict, 'the first verdict stands');
      for (const { kind } of effects) assert.ok(IN_THE_END.has(kind), `${kind} after the verdict`);
    }
    if (!before.verdict && state.verdict)
      for (const process of state.processes.values())
        assert.ok(process.killAt !== null || process.killedAt !== null, 'everyone is told to stop');
  }

  /** What ended earlier matters to nobody: the same as if nothing had been said. */
  #checkNothingChanged(before: CoreState, { state }: Decision, now: number): void {
    const silent = step(before, { kind: 'heard', worker: 'nobody', doing: null }, now).state;
    if (silent.verdict || state.verdict) return;
    const same = state.members.values().every((member) => silent.members.get(member.id) === member);
    if (!same)
      assert.deepEqual(state.members.values(), silent.members.values(), 'a stale exit changes no member');
    assert.equal(state.members.size, silent.members.size);
    assert.deepEqual(state.roster, silent.roster);
  }

  #checkStarts({ state, effects }: Decision): void {
    const starts = effects.filter((effect): effect is Of<'start'> => effect.kind === 'start');
    if (starts.length === 0) return;
    const [{ generation, members, graceful }] = starts;
    assert.deepEqual(
      starts.map(({ worker }) => worker),
      members.map(({ id }) => id),
      'a start for each member',
    );
    assert.equal(new Set(starts.map(({ worker }) => worker)).size, starts.length, 'once each');
    for (const [rank, start] of starts.entries()) {
      assert.equal(start.rank, rank);
      if (start.generation !== generation) assert.deepEqual(start.generation, generation);
      if (start.members !== members) assert.deepEqual(start.members, members);
      assert.equal(start.graceful, graceful);
    }
    const present = starts.map(({ worker }) => {
      const seen = this.#current.get(worker);
      assert.ok(seen?.joined && seen.ready, `${worker} is ready`);
      assert.ok(!seen.killed && !seen.exited && seen.lostAt === null, `${worker} is there`);
      return seen;
    });
    const last = this.#last;
    if (last) {
      const later =
        generation.lease > last.lease || (generation.lease === last.lease && generation.number > last.number);
      assert.ok(later, 'generations increase');
      const stayed = last.members.filter((seen) => present.includes(seen));
      assert.deepEqual(present.slice(0, stayed.length), stayed, 'survivors keep their order');
    }
    const holders = starts.filter(({ worker }) => state.members.get(worker)?.hasState).length;
    const beyond = Math.max(0, starts.length - state.wanted);
    assert.ok(beyond <= holders, 'more than wanted are only those that still hold the state');
    this.#last = { ...generation, members: present };
  }
}
