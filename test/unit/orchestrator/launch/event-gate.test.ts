/** Events by reason: few enough for the API server, and none forgotten. */
import assert from 'node:assert/strict';
import { EventGate, type GatedEvent } from '@bagfleet/orchestrator/launch/kubernetes/announce/event-gate';
import fc from 'fast-check';

const PAUSE_MS = 5000;

function happening(reason: string, message = reason, time = '2026-03-01T12:00:00.000Z') {
  return { reason, type: 'Normal' as const, message, time };
}

describe('the gate of events', () => {
  it('lets the first through at once, and those of the next while as one', () => {
    const gate = new EventGate();
    gate.add(happening('Lost', 'w1', 'at 1'));
    assert.deepEqual(gate.due(0), [{ ...happening('Lost', 'w1', 'at 1'), count: 1, since: 'at 1' }]);
    gate.add(happening('Lost', 'w2', 'at 2'));
    gate.add(happening('Lost', 'w3', 'at 3'));
    gate.add(happening('Started'));
    assert.deepEqual(
      gate.due(PAUSE_MS - 1).map(({ reason }) => reason),
      ['Started'],
    );
    assert.deepEqual(gate.due(PAUSE_MS), [{ ...happening('Lost', 'w3', 'at 3'), count: 2, since: 'at 2' }]);
    assert.deepEqual(gate.due(10 * PAUSE_MS), []);
  });

  it('counts each once, however they come, fail to be told and come again', () => {
    const reason = fc.constantFrom('A', 'B', 'C');
    const act = fc.oneof(
      { weight: 3, arbitrary: fc.record({ add: reason }) },
      { weight: 2, arbitrary: fc.record({ wait: fc.nat(8000), fails: fc.boolean() }) },
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 60 }), (acts) => {
        const gate = new EventGate();
        const added = new Map<string, number>();
        const told: { event: GatedEvent; at: number }[] = [];
        const triedAt = new Map<string, number>();
        let now = 0;
        acts.forEach((step, place) => {
          if ('add' in step) {
            added.set(step.add, (added.get(step.add) ?? 0) + 1);
            gate.add(happening(step.add, String(place)));
            return;
          }
          now += step.wait;
          for (const event of gate.due(now)) {
            const before = triedAt.get(event.reason);
            assert.ok(before === undefined || now - before >= PAUSE_MS, 'too early');
            triedAt.set(event.reason, now);
            if (step.fails) gate.putBack(event);
            else told.push({ event, at: now });
          }
        });
        told.push(...gate.rest().map((event) => ({ event, at: now })));
        for (const [name, count] of added) {
          const counts = told.filter(({ event }) => event.reason === name).map(({ event }) => event.count);
          assert.equal(
            counts.reduce((sum, one) => sum + one, 0),
            count,
          );
        }
      }),
    );
  });
});
