import assert from 'node:assert/strict';
import { DataWait } from '@bagfleet/worker/train/data-wait';
import fc from 'fast-check';

/** A promise that the test settles, at a time that the test says. */
function byHand<T>() {
  let settle!: (value: T) => void;
  const promise = new Promise<T>((resolve) => {
    settle = resolve;
  });
  return { promise, settle };
}

describe('waiting for data', () => {
  it('counts from when the thread has nothing to do, and only then', async () => {
    let clock = 0;
    const wait = new DataWait(() => clock);
    const first = byHand<string>();
    const came = wait.forBag(first.promise);
    clock = 10;
    first.settle('a');
    assert.equal(await came, 'a');
    assert.equal(wait.milliseconds, 10, 'the first bag: nothing to do at all');

    const gradient = byHand<number>();
    const computed = wait.whileComputing(gradient.promise);
    const second = byHand<string>();
    const next = wait.forBag(second.promise);
    clock = 30;
    gradient.settle(1);
    assert.equal(await computed, 1);
    clock = 37;
    second.settle('b');
    await next;
    assert.equal(wait.milliseconds, 17, 'asked at 10, but idle from 30 on');

    const other = byHand<number>();
    const busy = wait.whileComputing(other.promise);
    const third = byHand<string>();
    const there = wait.forBag(third.promise);
    clock = 60;
    third.settle('c');
    await there;
    assert.equal(wait.milliseconds, 17, 'the thread computed all the while');
    other.settle(2);
    await busy;
  });

  it('a bag that fails counts, too, and its error passes', async () => {
    let clock = 0;
    const wait = new DataWait(() => clock);
    const failing = wait.forBag(
      Promise.resolve().then(() => {
        clock = 5;
        throw new Error('broken');
      }),
    );
    await assert.rejects(failing, /broken/);
    assert.equal(wait.milliseconds, 5);
  });

  it('is what a walk over all milliseconds counts, for any course of events', async () => {
    const course = fc.array(fc.record({ arrives: fc.nat(20), takes: fc.integer({ min: 1, max: 20 }) }), {
      minLength: 1,
      maxLength: 12,
    });
    await fc.assert(
      fc.asyncProperty(course, async (bags) => {
        let clock = 0;
        const wait = new DataWait(() => clock);
        let idle = 0;
        let ends = 0; // when the thread has computed all that it was given
        let busy: { done: Promise<unknown>; settle: () => void; at: number } | null = null;
        for (const { arrives, takes } of bags) {
          const bag = byHand<void>();
          const came = wait.forBag(bag.promise);
          const at = clock + arrives;
          for (let ms = clock; ms < at; ms++) if (ms >= ends) idle++;
          if (busy && busy.at <= at) {
            clock = busy.at;
            busy.settle();
            await busy.done;
            busy = null;
          }
          clock = at;
          bag.settle();
          await came;
          if (busy) {
            clock = busy.at;
            busy.settle();
            await busy.done;
          }
          const gradient = byHand<void>();
          ends = clock + takes;
          busy = { done: wait.whileComputing(gradient.promise), settle: () => gradient.settle(), at: ends };
        }
        busy?.settle();
        assert.equal(wait.milliseconds, idle);
      }),
      { numRuns: 100 },
    );
  });
});
