import assert from 'node:assert/strict';
import { CounterRng } from '@bagfleet/proto';
import {
  begun,
  type Consequence,
  ended,
  type NodeStanding,
  newNode,
  told,
} from '@bagfleet/worker/node/node-rules';

const MINUTE = 60_000;

/** Ends one after the other; each worker that is to be started again is, at once. */
class Story {
  node: NodeStanding;
  last: Consequence = { kind: 'nothing' };

  constructor(workers: number) {
    this.node = newNode(workers);
  }

  ends(worker: number, code: number | null, livedMs = MINUTE): this {
    [this.node, this.last] = ended(this.node, worker, { code, signal: null }, livedMs);
    return this;
  }

  begins(worker: number): this {
    this.node = begun(this.node, worker);
    return this;
  }

  isTold(): this {
    [this.node, this.last] = told(this.node);
    return this;
  }
}

describe('a pod with several workers', () => {
  it('ends with 0 when all have completed the run, and not before', () => {
    const story = new Story(3).ends(1, 0);
    assert.deepEqual(story.last, { kind: 'nothing' });
    assert.deepEqual(story.ends(0, 0).last, { kind: 'nothing' });
    assert.deepEqual(story.ends(2, 0).last, { kind: 'leave', code: 0 });
  });

  it('starts one that died again, after pauses that double up to a minute', () => {
    const story = new Story(2);
    const pauses: unknown[] = [];
    for (let death = 0; death < 8; death++) {
      pauses.push(story.ends(0, 1).last);
      story.begins(0);
    }
    const expected = [1, 2, 4, 8, 16, 32, 60, 60].map((s) => ({ kind: 'restart', pauseMs: 1000 * s }));
    assert.deepEqual(pauses, expected);
  });

  it('begins to count anew when it has lived for five minutes', () => {
    const story = new Story(2).ends(0, 1).begins(0).ends(0, 1).begins(0);
    assert.deepEqual(story.ends(0, null, 5 * MINUTE).last, { kind: 'restart', pauseMs: 1000 });
  });

  it('gives up when all have died three times in a row, and none of them lives', () => {
    const story = new Story(2);
    for (let death = 0; death < 3; death++) story.ends(0, 1).begins(0);
    story.ends(1, 1).begins(1).ends(1, 1).begins(1);
    story.ends(0, 1);
    assert.deepEqual(story.last, { kind: 'restart', pauseMs: 8000 }, 'one that lives holds it');
    assert.deepEqual(story.ends(1, null).last, { kind: 'leave', code: 1 });
  });

  it('waits a little with one that was let go, and leaves when all were', () => {
    const story = new Story(2).ends(1, 143);
    assert.deepEqual(story.last, { kind: 'restart', pauseMs: 5000 });
    assert.deepEqual(story.ends(0, 143).last, { kind: 'leave', code: 143 });
    assert.deepEqual(new Story(2).ends(1, 0).ends(0, 143).last, { kind: 'leave', code: 143 });
  });

  it('starts nobody once it was told to go, and ends with 143 after the last', () => {
    const story = new Story(2).isTold();
    assert.deepEqual(story.last, { kind: 'nothing' });
    assert.deepEqual(story.ends(0, 143).last, { kind: 'nothing' });
    assert.deepEqual(story.ends(1, 1).last, { kind: 'leave', code: 143 });
    assert.deepEqual(new Story(1).ends(0, 1).isTold().last, { kind: 'leave', code: 143 }, 'in a pause');
    assert.deepEqual(
      new Story(1).isTold().ends(0, 0).last,
      { kind: 'leave', code: 0 },
      'complete all the same',
    );
  });

  it('always has somebody alive or to be started, or leaves (random ends)', () => {
    for (let seed = 0; seed < 300; seed++) {
      const draws = [...new CounterRng(seed, ['node']).normal(200)].map((value) => Math.abs(value));
      const workers = 1 + (seed % 4);
      const story = new Story(workers);
      const due = new Set<number>();
      for (let k = 0; k + 2 < draws.length && story.last.kind !== 'leave'; k += 3) {
        for (const worker of due) if (draws[k + 1] > 0.5) due.delete(worker) && story.begins(worker);
        const alive = story.node.workers.flatMap(({ is }, worker) => (is === 'alive' ? worker : []));
        assert.ok(alive.length + due.size > 0, `seed ${seed}: nobody is left, and it does not leave`);
        const worker = alive[Math.floor(draws[k] * 1000) % Math.max(1, alive.length)];
        if (worker === undefined) continue;
        if (draws[k + 2] > 2.5) story.isTold();
        story.ends(worker, [0, 1, 143, null][Math.floor(draws[k + 2] * 1000) % 4]);
        if (story.last.kind === 'restart') due.add(worker);
        assert.ok(!(story.node.stopping && story.last.kind === 'restart'), 'told to go, it starts nobody');
        if (story.node.stopping) due.clear();
        assertFair(story);
      }
    }
  });
});

/** The code by which Kubernetes decides, said in another way. */
function assertFair({ node, last }: Story): void {
  if (last.kind !== 'leave') return;
  const { code } = last;
  const isNow = node.workers.map(({ is }) => is);
  assert.ok(!isNow.includes('alive'));
  if (code === 0) assert.ok(isNow.every((is) => is === 'complete'));
  else if (code === 1) assert.ok(!node.stopping && isNow.includes('dead'));
  else assert.ok(node.stopping || (isNow.includes('let-go') && !isNow.includes('dead')));
}
