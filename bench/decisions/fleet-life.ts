/**
 * The life of a large fleet as its coordinator's core hears it.
 * In: how many workers, the core's limits. Out: how long each decision took, by what was decided.
 */
import assert from 'node:assert/strict';
import { initialCore, step } from '@bagfleet/orchestrator/coordinator/core/coordinator-core';
import type {
  CoreEffect,
  CoreEvent,
  GenerationId,
  Limits,
} from '@bagfleet/orchestrator/coordinator/core/core-types';

const HEARTBEATS = 4;
const TICKS = 20;
/** Beyond every limit of a heartbeat. */
const SILENT_MS = 100_000;

/** Milliseconds. A machine that does other things lengthens the wall time alone. */
export interface Took {
  readonly wall: number;
  readonly cpu: number;
}

export class FleetLife {
  readonly times = new Map<string, Took[]>();
  readonly #ids: readonly string[];
  readonly #incarnations = new Map<string, string>();
  #state: ReturnType<typeof initialCore>;
  readonly #limits: Limits;
  #now = 0;

  constructor(workers: number, limits: Limits) {
    this.#ids = Array.from({ length: workers }, (_, k) => `w${k}`);
    this.#limits = limits;
    this.#state = initialCore(limits);
  }

  live(): this {
    const ids = this.#ids;
    const [victim = ''] = ids.slice(1);
    this.#hear('begin', { kind: 'begin', lease: 1, workers: ids.length, takeover: false });
    for (const worker of ids)
      this.#hear('placing', { kind: 'placing', ...this.#launch(worker), why: 'its pod is being started' });
    const half = Math.floor(ids.length / 2);
    for (const worker of ids.slice(0, half)) this.#arrive(worker, 'joined', 'ready');
    for (const worker of ids.slice(0, half))
      this.#hear('heartbeat, gathering', {
        kind: 'heard',
        worker,
        doing: { phase: 'waiting', epoch: 0, step: 0 },
      });
    for (const worker of ids.slice(half)) this.#arrive(worker, 'joined', 'ready');
    const first = this.#enter(ids);
    for (let beat = 0; beat < HEARTBEATS; beat++) {
      for (const worker of ids)
        this.#hear('heartbeat', { kind: 'heard', worker, doing: { phase: 'step', epoch: 1, step: beat } });
      for (let tick = 0; tick < TICKS / HEARTBEATS; tick++) this.#hear('tick', { kind: 'tick' });
    }
    assert.equal(this.#state.roster.length, ids.length);
    this.#weigh('cancel', { kind: 'cancel', reason: 'cancelled on request' }, this.#now);
    this.#weigh('tick: all silent', { kind: 'tick' }, this.#now + SILENT_MS);
    const exit = { code: 137, signal: null, why: null, lastLines: [] };
    const { incarnation } = this.#launch(victim);
    this.#hear('closed: a loss', { kind: 'closed', worker: victim });
    assert.equal(this.#state.roster.length, ids.length - 1);
    this.#hear('exited', { kind: 'exited', worker: victim, incarnation, ...exit });
    this.#enter(this.#state.roster);
    this.#hear('placing', { kind: 'placing', ...this.#launch(victim), why: 'its pod is being started' });
    this.#arrive(victim, 'joined again', 'ready again');
    assert.equal(this.#state.roster.length, ids.length);
    const last = this.#enter(this.#state.roster);
    assert.notDeepEqual(last, first);
    for (const worker of ids)
      this.#hear('finished', { kind: 'finished', worker, generation: last, stateDigest: 'd' });
    for (const worker of ids)
      this.#hear('exited in the end', { kind: 'exited', ...this.#launch(worker), ...exit, code: 0 });
    assert.equal(this.#state.phase, 'over');
    this.#comeBack(first);
    return this;
  }

  #arrive(worker: string, joined: string, ready: string): void {
    const launch = this.#launch(worker);
    this.#hear('placed', { kind: 'placed', ...launch });
    this.#hear(joined, { kind: 'joined', ...launch, fingerprint: 'f', standing: null });
    this.#hear(ready, { kind: 'ready', worker, address: '10.0.0.1:7077', probe: 'p' });
  }

  #enter(members: readonly string[]): GenerationId {
    const { generation } = this.#state;
    assert.ok(generation);
    for (const worker of members) this.#hear('entered', { kind: 'entered', worker, generation, step: 0 });
    return generation;
  }

  #launch(worker: string): { worker: string; incarnation: string } {
    return { worker, incarnation: this.#incarnations.get(worker) ?? '' };
  }

  /** The same fleet, to a coordinator that takes over. */
  #comeBack(generation: GenerationId): void {
    this.#state = initialCore(this.#limits);
    this.#hear('begin: takes over', { kind: 'begin', lease: 2, workers: this.#ids.length, takeover: true });
    const standing = { generation, members: this.#ids, broken: false };
    for (const worker of this.#ids) {
      this.#hear('came back', { kind: 'joined', ...this.#launch(worker), fingerprint: 'f', standing });
      this.#hear('ready, came back', { kind: 'ready', worker, address: '10.0.0.1:7077', probe: 'p' });
    }
    assert.equal(this.#state.phase, 'training');
  }

  #hear(what: string, event: CoreEvent): void {
    this.#now += 1;
    const { state, effects } = this.#weigh(what, event, this.#now);
    this.#state = state;
    for (const effect of effects) this.#remember(effect);
  }

  /** What would be decided. */
  #weigh(what: string, event: CoreEvent, now: number): ReturnType<typeof step> {
    const usedBefore = process.cpuUsage();
    const begun = performance.now();
    const decision = step(this.#state, event, now);
    const wall = performance.now() - begun;
    const { user, system } = process.cpuUsage(usedBefore);
    const times = this.times.get(what) ?? [];
    if (times.length === 0) this.times.set(what, times);
    times.push({ wall, cpu: (user + system) / 1000 });
    return decision;
  }

  #remember(effect: CoreEffect): void {
    if (effect.kind === 'launch') this.#incarnations.set(effect.worker, effect.incarnation);
  }
}
