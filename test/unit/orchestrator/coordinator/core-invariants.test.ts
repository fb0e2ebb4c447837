/**
 * Whatever happens in whatever order, the core keeps its promises.
 */
import assert from 'node:assert/strict';
import { initialCore, step } from '@bagfleet/orchestrator/coordinator/core/coordinator-core';
import type { CoreEffect, CoreEvent, CoreState } from '@bagfleet/orchestrator/coordinator/core/core-types';
import { BagfleetError } from '@bagfleet/proto';
import fc from 'fast-check';

const WORKERS = ['w0', 'w1', 'w2'];
const worker = fc.constantFrom(...WORKERS, 'stranger');
const token = fc.constantFrom('A', 'A', 'A', 'B');

const anyEvent: fc.Arbitrary<CoreEvent> = fc.oneof(
  fc.record({ kind: fc.constant('joined' as const), worker, fingerprint: token }),
  fc.record({ kind: fc.constant('joined' as const), worker, fingerprint: token }),
  fc.record({ kind: fc.constant('ready' as const), worker, address: fc.constant('a'), probe: token }),
  fc.record({ kind: fc.constant('ready' as const), worker, address: fc.constant('a'), probe: token }),
  fc.record({ kind: fc.constant('heard' as const), worker, doing: fc.constant(null) }),
  fc.record({ kind: fc.constant('finished' as const), worker, stateDigest: token }),
  fc.record({
    kind: fc.constant('failed' as const),
    worker,
    error: fc.constantFrom(new BagfleetError('worker-lost', 'x'), new BagfleetError('bag-missing', 'y')),
  }),
  fc.record({ kind: fc.constant('closed' as const), worker }),
  fc.record({
    kind: fc.constant('exited' as const),
    worker,
    code: fc.constantFrom(0, 1, null),
    signal: fc.constant(null),
    lastLines: fc.constant([]),
  }),
  fc.record({ kind: fc.constant('cancel' as const), reason: fc.constant('r') }),
  fc.record({ kind: fc.constant('interrupt' as const), signal: fc.constant('SIGTERM') }),
  fc.constant({ kind: 'tick' as const }),
);

describe("the coordinator's core, over random histories", () => {
  it('starts a generation only when all are ready, gives one verdict, ends everyone, concludes once', () => {
    const histories = fc.array(fc.tuple(anyEvent, fc.integer({ min: 0, max: 3000 })), { maxLength: 60 });
    fc.assert(
      fc.property(histories, (history) => checkHistory(history)),
      { numRuns: 5000 },
    );
  });

  it('concludes within setup + stop deadlines when nobody ever answers', () => {
    let { state } = step(fresh(), { kind: 'begin' }, 0);
    for (let now = 0; now <= 65_000 && state.phase !== 'ending'; now += 200)
      state = step(state, { kind: 'tick' }, now).state;
    assert.equal(state.phase, 'ending');
    const { effects } = step(state, { kind: 'tick' }, state.endingSince + 4000);
    assert.deepEqual(
      effects.map((effect) => effect.kind),
      ['kill', 'kill', 'kill'],
    );
  });
});

function fresh(): CoreState {
  return initialCore({
    workers: 3,
    setupMs: 60_000,
    heartbeatMs: 5000,
    graceMs: 2000,
    stopMs: 4000,
    determinism: 'strict',
  });
}

function checkHistory(history: readonly (readonly [CoreEvent, number])[]): void {
  let now = 0;
  let state = step(fresh(), { kind: 'begin' }, now).state;
  const all: CoreEffect[] = [];
  for (const [event, wait] of history) {
    now += wait;
    const before = state;
    const decision = step(state, event, now);
    state = decision.state;
    all.push(...decision.effects);
    if (before.phase === 'over') assert.equal(decision.effects.length, 0, 'no word after the end');
    if (decision.effects.some(({ kind }) => kind === 'start'))
      assert.ok(
        [...state.members.values()].every(({ phase }) => phase === 'training'),
        'all start together',
      );
    if (before.verdict) assert.equal(state.verdict, before.verdict, 'the first verdict stands');
    if (!before.verdict && state.verdict) {
      const stopped = decision.effects.flatMap((effect) => (effect.kind === 'stop' ? [effect.worker] : []));
      const alive = [...state.members.values()].filter(({ phase }) => phase !== 'gone').map(({ id }) => id);
      assert.deepEqual(stopped, alive, 'everyone alive is told to stop');
    }
    if (state.phase === 'over') assert.ok([...state.members.values()].every(({ phase }) => phase === 'gone'));
  }
  const count = (kind: CoreEffect['kind']) => all.filter((effect) => effect.kind === kind).length;
  assert.ok(count('conclude') <= 1, 'one conclusion');
  assert.ok(count('start') === 0 || count('start') === 3, 'one generation, once each');
  assert.ok(count('kill') <= 3);
}
