/**
 * What the core puts an end to although each single step of it would be right: generations without progress, and
 * rollbacks without end. Too long to be read as transcripts.
 */
import assert from 'node:assert/strict';
import { initialCore, step } from '@bagfleet/orchestrator/coordinator/core/coordinator-core';
import type { CoreState } from '@bagfleet/orchestrator/coordinator/core/core-state';
import type { CoreEvent } from '@bagfleet/orchestrator/coordinator/core/core-types';
import { BagfleetError } from '@bagfleet/proto';
import { LIMITS } from '../../../support/core-transcript.js';

const DISAGREE = new BagfleetError('machines-disagree', 'w0 and w1 have different gradients');

describe("the coordinator's core, against going on for ever", () => {
  it('fails after 25 generations in a row in which no member came further', () => {
    let state = trainingFleet();
    for (let k = 1; k < 100 && !state.verdict; k++) state = complain(state, k * 3000);
    assert.equal(state.made, 26, 'the first, in which w0 came to step 4, and 25 in which nobody moved');
    assert.match(
      state.verdict?.error?.message ?? '',
      /^25 generations in a row began and no member came past epoch 1, step 4; the last time because w0 could not go on$/,
    );
  });

  it('counts anew whenever a member comes further', () => {
    let state = trainingFleet();
    for (let k = 1; k < 100; k++) {
      state = complain(state, k * 3000);
      state = play(state, k * 3000, {
        kind: 'heard',
        worker: 'w0',
        doing: { phase: 'step', epoch: 2, step: k },
      });
    }
    assert.equal(state.phase, 'training');
    assert.equal(state.made, 100);
  });

  it('goes back to the checkpoint three times when machines disagree, then fails with their names', () => {
    let state = trainingFleet();
    for (let k = 1; k <= 3; k++) {
      state = disagree(state, k * 1000);
      assert.equal(state.phase, 'gathering');
      state = gather(state, k * 1000);
      assert.equal(state.phase, 'training');
    }
    state = disagree(state, 4000);
    assert.equal(state.verdict?.error, DISAGREE);
  });
});

function play(state: CoreState, now: number, ...events: readonly CoreEvent[]): CoreState {
  return events.reduce((before, event) => step(before, event, now).state, state);
}

function trainingFleet(): CoreState {
  const begun = play(initialCore(LIMITS), 0, { kind: 'begin', lease: 1, workers: 2, takeover: false });
  const doing = { phase: 'step', epoch: 1, step: 4 };
  const generation = { lease: 1, number: 1 };
  return play(
    gather(begun, 0),
    0,
    { kind: 'entered', worker: 'w0', generation, step: 3 },
    { kind: 'entered', worker: 'w1', generation, step: 3 },
    { kind: 'heard', worker: 'w0', doing },
  );
}

function gather(state: CoreState, now: number): CoreState {
  let next = state;
  for (const { id: worker, incarnation } of state.members.values())
    next = play(
      next,
      now,
      { kind: 'joined', worker, incarnation, fingerprint: 'A', standing: null },
      { kind: 'ready', worker, address: worker, probe: 'A' },
    );
  return next;
}

/** w0 can't go on and blames nobody: the same members begin again. */
function complain(state: CoreState, now: number): CoreState {
  const error = new BagfleetError('wait-timeout', 'waited in vain');
  const generation = state.generation ?? { lease: 0, number: 0 };
  const complained = play(
    state,
    now,
    { kind: 'heard', worker: 'w1', doing: null },
    { kind: 'broken', worker: 'w0', generation, error, suspects: [] },
  );
  return play(complained, now + LIMITS.graceMs, { kind: 'tick' });
}

function disagree(state: CoreState, now: number): CoreState {
  const generation = state.generation ?? { lease: 0, number: 0 };
  return play(state, now, {
    kind: 'broken',
    worker: 'w0',
    generation,
    error: DISAGREE,
    suspects: ['w0', 'w1'],
  });
}
