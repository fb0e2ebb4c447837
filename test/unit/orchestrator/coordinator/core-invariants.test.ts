/**
 * Whatever happens in whatever order, the core keeps its promises (core-world-observer.ts), and when nobody says
 * anything any more, every situation comes to its end within its deadlines.
 */
import assert from 'node:assert/strict';
import { initialCore } from '@bagfleet/orchestrator/coordinator/core/coordinator-core';
import type { CoreState } from '@bagfleet/orchestrator/coordinator/core/core-state';
import { LIMITS } from '../../../support/core-transcript.js';
import { Dice, randomEvent, randomLimits } from './core-world-events.js';
import { CoreObserver } from './core-world-observer.js';

/** `npm run test:long` plays 50,000. */
const HISTORIES = Number(process.env.CORE_HISTORIES ?? 5000);
/** The histories are worth something only if they get everywhere. */
const EVERY_DECISION = (
  'adopted cancelled complaint complaints done dropped end-unseen exited expelled failed generation giving-up ' +
  'interrupt interrupted joined keep kept launching leaving lost not-kept not-restarted ready refused relaxed ' +
  'restart rollback scale takeover waiting'
).split(' ');
/** Silence, three starts of the longest set-up and pause, the stop and the kill of all. */
const LONGEST_END_MS = 5000 + 3 * (60_000 + 60_000) + 100_000 + 10_000 + 4000 + 10_000;

describe("the coordinator's core, over random histories", function () {
  this.timeout(600_000);

  it(`keeps its promises in ${HISTORIES} of them, and each ends when all fall silent`, () => {
    const reached = new Set<string>();
    for (let seed = 1; seed <= HISTORIES; seed++)
      told(seed, () => {
        const { state, observer, now } = playHistory(seed);
        endInSilence(state, observer, now);
        for (const effect of observer.effects) if (effect.kind === 'note') reached.add(effect.event);
      });
    for (const event of EVERY_DECISION) assert.ok(reached.has(event), `no history came to: ${event}`);
  });

  it('ends as well when workers go on to live and do nothing', () => {
    for (let seed = 1; seed <= 500; seed++)
      told(seed, () => {
        const { state, observer, now } = playHistory(seed);
        endWithoutProgress(state, observer, now);
      });
  });
});

function told(seed: number, play: () => void): void {
  try {
    play();
  } catch (thrown) {
    throw new Error(`seed ${seed}: ${thrown instanceof Error ? thrown.message : thrown}`, { cause: thrown });
  }
}

function playHistory(seed: number): { state: CoreState; observer: CoreObserver; now: number } {
  const dice = new Dice(seed);
  const observer = new CoreObserver();
  const workers = 1 + dice.below(4);
  const takeover = dice.chance(0.25);
  let now = 0;
  const begin = { kind: 'begin', lease: 2, workers, takeover } as const;
  let state = observer.step(initialCore(randomLimits(dice, LIMITS)), begin, now);
  const length = dice.below(80);
  const pace = dice.pick([50, 500, 3000]);
  for (let k = 0; k < length; k++) {
    now += dice.below(pace);
    state = observer.step(state, randomEvent(state, dice), now);
  }
  return { state, observer, now };
}

function endInSilence(from: CoreState, observer: CoreObserver, since: number): void {
  let state = from;
  for (let now = since; now <= since + LONGEST_END_MS && state.phase !== 'over'; now += 3000)
    state = observer.step(state, { kind: 'tick' }, now);
  assert.equal(state.phase, 'over', `silence must end: it is ${state.phase}`);
  assert.ok(observer.concluded);
}

/** Heartbeats only: set-ups, generations, steps and waits must run out of patience one after the other. */
function endWithoutProgress(from: CoreState, observer: CoreObserver, since: number): void {
  let state = from;
  const until = since + 3_600_000;
  for (let now = since; now <= until && state.phase !== 'over'; now += 2000) {
    for (const worker of state.members.keys())
      state = observer.step(
        state,
        { kind: 'heard', worker, doing: { phase: 'step', epoch: 1, step: 1 } },
        now,
      );
    state = observer.step(state, { kind: 'tick' }, now);
  }
  assert.equal(state.phase, 'over', `a fleet that stands must end: it is ${state.phase}`);
}
