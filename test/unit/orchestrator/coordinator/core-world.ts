/**
 * A small world in which simulated workers do with the core's effects what real ones would: they start up, join,
 * prepare, meet in their generation, compute steps in lockstep, keep checkpoints, finish, stop; and in which they
 * are killed, stopped, cut off, told to go, and their coordinator dies and is replaced.
 * In: a seed. Out: the run's conclusion and what led to it; every core decision passes the observer.
 */
import { initialCore } from '@bagfleet/orchestrator/coordinator/core/coordinator-core';
import type { CoreState } from '@bagfleet/orchestrator/coordinator/core/core-state';
import type {
  CoreEffect,
  CoreEvent,
  Limits,
  Verdict,
} from '@bagfleet/orchestrator/coordinator/core/core-types';
import { BagfleetError } from '@bagfleet/proto';
import type { Dice } from './core-world-events.js';
import { CoreObserver } from './core-world-observer.js';
import { launched, pair, type SimWorker, type Target, TOLD_TO_GO } from './core-world-worker.js';

const QUANTUM_MS = 250;
/** Quanta that a member waits for its peers before it complains. */
const PATIENCE = 12;

export class World {
  readonly dice: Dice;
  readonly goal: number;
  readonly limits: Limits;
  readonly workers: SimWorker[] = [];
  readonly cuts = new Set<string>();
  now = 0;
  lease = 1;
  wanted: number;
  checkpoint = 0;
  core: CoreState;
  observer = new CoreObserver();
  /** Quanta until the next coordinator begins; null while one lives. */
  orphaned: number | null = null;
  verdict: Verdict | null = null;
  readonly story: string[] = [];

  constructor(dice: Dice, limits: Limits, wanted: number, goal: number) {
    this.dice = dice;
    this.limits = limits;
    this.wanted = wanted;
    this.goal = goal;
    this.core = initialCore(limits);
    this.tell({ kind: 'begin', lease: 1, workers: wanted, takeover: false });
  }

  quantum(): void {
    this.now += QUANTUM_MS;
    if (this.orphaned !== null && --this.orphaned <= 0) this.#takeOver();
    for (const worker of [...this.workers]) if (worker.alive && !worker.frozen) this.#live(worker);
    for (const worker of this.workers) if (worker.alive && !worker.frozen) this.#meet(worker);
    this.tell({ kind: 'tick' });
  }

  /** What happens while no coordinator lives is heard by nobody. */
  tell(event: CoreEvent): void {
    if (this.orphaned !== null || this.verdict) return;
    this.core = this.observer.step(this.core, event, this.now);
    // biome-ignore lint/suspicious/noAssignInExpressions: a queue of effects
    for (let effect: CoreEffect | undefined; (effect = this.observer.effects.shift()); )
      this.#perform(effect);
  }

  exit(worker: SimWorker, code: number | null, signal: string | null): void {
    if (!worker.alive) return;
    worker.alive = false;
    this.story.push(`${this.now} ${worker.id} (${worker.incarnation}) exits ${code ?? signal}`);
    const { id, incarnation } = worker;
    const closed = worker.session && this.dice.chance(0.5);
    worker.session = false;
    this.workers.splice(this.workers.indexOf(worker), 1);
    if (closed) this.tell({ kind: 'closed', worker: id });
    this.tell({ kind: 'exited', worker: id, incarnation, code, signal, why: null, lastLines: [] });
  }

  dieCoordinator(): void {
    this.story.push(`${this.now} the coordinator dies`);
    this.orphaned = 4 + this.dice.below(20);
    for (const worker of this.workers) {
      worker.session = false;
      worker.welcomed = false;
      worker.ready = false;
    }
  }

  #takeOver(): void {
    this.orphaned = null;
    this.lease++;
    this.core = initialCore(this.limits);
    this.observer = new CoreObserver();
    this.tell({ kind: 'begin', lease: this.lease, workers: this.wanted, takeover: true });
  }

  #perform(effect: CoreEffect): void {
    if (effect.kind === 'note') this.story.push(`${this.now} ${effect.event}: ${effect.message}`);
    if (effect.kind === 'conclude') this.verdict = effect.verdict;
    if (effect.kind === 'launch') this.workers.push(launched(effect.worker, effect.incarnation));
    if (effect.kind === 'kill')
      for (const worker of this.workers) if (worker.id === effect.worker) this.#die(worker);
    if (!('worker' in effect)) return;
    const worker = this.workers.find(({ id, session, alive }) => id === effect.worker && session && alive);
    if (!worker) return;
    if (effect.kind === 'welcome') worker.welcomed = true;
    if (effect.kind === 'keep') worker.keep = true;
    if (effect.kind === 'stop') {
      worker.stopping = true;
      worker.exitCode = effect.complete ? 0 : TOLD_TO_GO;
    }
    if (effect.kind === 'start')
      worker.target = {
        generation: effect.generation,
        members: effect.members.map(({ id }) => id),
        arrived: false,
        entered: false,
        waited: 0,
        broken: false,
        finished: false,
      };
  }

  /** A kill closes the session at once; the exit is seen later. */
  #die(worker: SimWorker): void {
    if (!worker.alive) return;
    worker.session = false;
    worker.stopping = true;
    worker.frozen = false;
  }

  #live(worker: SimWorker): void {
    const { dice } = this;
    const { id, incarnation } = worker;
    if (worker.stopping) {
      if (dice.chance(0.4)) this.exit(worker, worker.exitCode, null);
      return;
    }
    if (!worker.session) {
      if (this.orphaned === null && dice.chance(0.3)) this.#join(worker);
      return;
    }
    if (!worker.welcomed) return;
    if (!worker.ready) {
      if (!worker.prepared && dice.chance(0.7)) return;
      worker.prepared = true;
      worker.ready = true;
      this.tell({ kind: 'ready', worker: id, address: `${id}:${incarnation}`, probe: 'A' });
      if (worker.leaving) this.tell({ kind: 'leaving', worker: id, reason: 'SIGTERM' });
      const { target } = worker;
      // Half of the worlds have workers that do not repeat themselves.
      if (target?.finished && this.goal % 2 === 0) this.#finish(worker, target);
    }
    if (this.now % 1000 === 0) this.tell({ kind: 'heard', worker: id, doing: this.#doing(worker) });
    if (worker.keep && worker.step !== null && dice.chance(0.3)) {
      worker.keep = false;
      this.checkpoint = Math.max(this.checkpoint, worker.step);
      this.tell({ kind: 'kept', worker: id, step: worker.step });
    }
    if (worker.target && !worker.target.arrived && !worker.hung && dice.chance(0.5))
      worker.target.arrived = true;
  }

  #doing({ target, step }: SimWorker): { phase: string; epoch: number; step: number } {
    if (!target?.entered) return { phase: 'waiting for the others', epoch: 0, step: 0 };
    if (target.finished) return { phase: 'finished', epoch: 1, step: 0 };
    return { phase: 'step', epoch: 1, step: (step ?? 0) + 1 };
  }

  #join(worker: SimWorker): void {
    const { id, incarnation, target } = worker;
    // The session server admits one session per id.
    if (this.workers.some((other) => other.id === id && other.alive && other.session)) return;
    worker.session = true;
    const standing = target && {
      generation: target.generation,
      members: target.members,
      broken: target.broken,
    };
    this.tell({ kind: 'joined', worker: id, incarnation, fingerprint: 'A', standing });
    // Refused: it leaves by itself.
    if (!worker.welcomed) {
      worker.session = false;
      worker.stopping = true;
    }
  }

  /** The first member that is there acts for all of its generation. */
  #meet(worker: SimWorker): void {
    const { target } = worker;
    if (!target?.arrived || worker.stopping) return;
    const peers = target.members.map((id) => this.#peer(id, target));
    const whole = peers.every((peer) => peer !== undefined) && !this.#isCut(target.members);
    if (!whole) return this.#complain(worker, target, peers);
    target.waited = 0;
    if (peers[0] === worker) this.#advance(peers as SimWorker[]);
  }

  #peer(id: string, { generation }: Target): SimWorker | undefined {
    return this.workers.find(
      (worker) =>
        worker.id === id &&
        worker.alive &&
        !worker.frozen &&
        !worker.hung &&
        !worker.stopping &&
        worker.target?.arrived &&
        !worker.target.broken &&
        worker.target.generation.lease === generation.lease &&
        worker.target.generation.number === generation.number,
    );
  }

  #complain(worker: SimWorker, target: Target, peers: readonly (SimWorker | undefined)[]): void {
    if (worker.hung || target.broken || target.finished || ++target.waited < PATIENCE) return;
    const missing = target.members.filter((id, rank) => !peers[rank] || this.cuts.has(pair(worker.id, id)));
    target.broken = true;
    this.tell({
      kind: 'broken',
      worker: worker.id,
      generation: target.generation,
      error: new BagfleetError('worker-lost', 'its stream broke'),
      suspects: missing.filter((id) => id !== worker.id),
    });
  }

  #isCut(members: readonly string[]): boolean {
    return members.some((a) => members.some((b) => this.cuts.has(pair(a, b))));
  }

  #advance(peers: readonly SimWorker[]): void {
    const entered = peers.every(({ target }) => target?.entered);
    if (!entered) {
      const step = Math.max(this.checkpoint, ...peers.map((peer) => peer.step ?? 0));
      this.#checkNothingLost(peers, step);
      for (const peer of peers) {
        peer.step = step;
        if (!peer.target) continue;
        peer.target.entered = true;
        this.tell({ kind: 'entered', worker: peer.id, generation: peer.target.generation, step });
      }
    } else if ((peers[0].step ?? 0) < this.goal) {
      if (this.dice.chance(0.6)) for (const peer of peers) peer.step = (peer.step ?? 0) + 1;
      if (this.dice.chance(0.02)) this.checkpoint = Math.max(this.checkpoint, peers[0].step ?? 0);
    } else {
      for (const peer of peers) if (peer.target && !peer.target.finished) this.#finish(peer, peer.target);
    }
  }

  #finish(worker: SimWorker, target: Target): void {
    target.finished = true;
    this.tell({ kind: 'finished', worker: worker.id, generation: target.generation, stateDigest: 'S' });
  }

  /** While a sound member lives that is further, nobody may begin from less. */
  #checkNothingLost(peers: readonly SimWorker[], step: number): void {
    const further = this.workers.find(
      (other) =>
        other.alive &&
        !other.stopping &&
        !other.frozen &&
        !other.hung &&
        other.session &&
        other.ready &&
        !peers.includes(other) &&
        (other.step ?? 0) > step + 1,
    );
    if (further) throw new Error(`${further.id} is at step ${further.step}, the fleet begins at ${step}`);
  }
}
