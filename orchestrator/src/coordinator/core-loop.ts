/**
 * Carries events to the core, one after the other, and its effects to those who perform them.
 * While the lease is not held, nothing is decided: events wait and the clock does not tick. If the lease is held
 * again, the core hears them all; if it is lost, it never does.
 */
import type { CoreEffect, CoreEvent, Limits } from './core/core-types.js';

/** What coordinator/core offers. */
export interface Core<State> {
  readonly initialCore: (limits: Limits) => State;
  readonly step: (
    state: State,
    event: CoreEvent,
    now: number,
  ) => { state: State; effects: readonly CoreEffect[] };
}

export class CoreLoop<State> {
  readonly #core: Core<State>;
  readonly #mayAct: () => boolean;
  readonly #perform: (effect: CoreEffect, cause: CoreEvent) => void;
  readonly #onDecided: (decisionMs: number, turnMs: number) => void;
  readonly #waiting: CoreEvent[] = [];
  #state: State;
  #hasBegun = false;
  #isBusy = false;

  constructor(
    core: Core<State>,
    limits: Limits,
    mayAct: () => boolean,
    perform: (effect: CoreEffect, cause: CoreEvent) => void,
    onDecided: (decisionMs: number, turnMs: number) => void,
  ) {
    this.#core = core;
    this.#state = core.initialCore(limits);
    this.#mayAct = mayAct;
    this.#perform = perform;
    this.#onDecided = onDecided;
  }

  /** The first event: before it, whatever is heard waits. */
  begin(event: Extract<CoreEvent, { kind: 'begin' }>): void {
    this.#hasBegun = true;
    this.#waiting.unshift(event);
    this.#work();
  }

  hear(event: CoreEvent): void {
    this.#waiting.push(event);
    this.#work();
  }

  tick(): void {
    if (this.#hasBegun && this.#mayAct()) this.hear({ kind: 'tick' });
  }

  #work(): void {
    if (this.#isBusy || !this.#hasBegun) return;
    this.#isBusy = true;
    try {
      while (this.#waiting.length > 0 && this.#mayAct()) this.#decide(this.#waiting.shift() as CoreEvent);
    } finally {
      this.#isBusy = false;
    }
  }

  #decide(event: CoreEvent): void {
    const begun = performance.now();
    const { state, effects } = this.#core.step(this.#state, event, begun);
    const decided = performance.now();
    this.#state = state;
    for (const effect of effects) this.#perform(effect, event);
    this.#onDecided(decided - begun, performance.now() - begun);
  }
}
