/**
 * What the lease promises over any object store: one holder at a time, whoever sleeps, races or loses an answer.
 * Time is a fake clock, so that a holder can sleep for an hour; the store is a real one.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunLease } from '@bagfleet/orchestrator/coordinator/lease/run-lease';
import type { LeaseClock, LeaseTerms } from '@bagfleet/orchestrator/coordinator/lease/take-lease';
import { BagfleetError, type LeaseRecord, RUN_FILES } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';

const TERM_MS = 10_000;

export function describeLease(name: string, openStore: () => ObjectStore): void {
  describe(`the lease of a run: ${name}`, () => {
    let store: ObjectStore;
    let clock: FakeClock;

    beforeEach(() => {
      store = openStore();
      clock = new FakeClock();
    });
    afterEach(() => store.close());

    const take = (holder: string, terms: Partial<LeaseTerms> = {}) =>
      RunLease.acquire(
        {
          store,
          termMs: TERM_MS,
          holder,
          address: `${holder}:1`,
          deadHolder: null,
          onWait: () => {},
          ...terms,
        },
        clock,
      );
    const record = async () =>
      JSON.parse(Buffer.from((await store.get(RUN_FILES.lease)).bytes).toString()) as LeaseRecord;

    it('is taken at once when nobody has it, and counts the coordinators', async () => {
      const first = await take('a');
      assert.equal(first.token, 1);
      assert.equal(first.wasLetGo, true);
      assert.ok(first.isHeld());
      await first.release();
      assert.equal((await record()).address, null);
      const second = await take('b');
      assert.equal(second.token, 2);
      assert.equal(second.wasLetGo, true);
      assert.equal(clock.now(), 0);
    });

    it('is taken at once from a holder that is known to be dead, whose workers may live', async () => {
      await take('a');
      const second = await take('b', { deadHolder: 'a' });
      assert.equal(second.token, 2);
      assert.equal(second.wasLetGo, false);
      assert.equal(clock.now(), 0);
    });

    it('is taken from a silent holder after a whole term, not before', async () => {
      await take('a');
      const waits: string[] = [];
      const second = await take('b', { onWait: (sentence) => waits.push(sentence) });
      assert.equal(second.token, 2);
      assert.ok(clock.now() >= TERM_MS && clock.now() < 1.1 * TERM_MS, `after ${clock.now()} ms`);
      assert.equal(waits.length, 1);
      assert.match(waits[0], /token 1 renewed/);
    });

    it('stays with a holder that renews it; a challenger counts anew from each renewal', async () => {
      const first = await take('a');
      clock.onSleep = async () => {
        await sleep(2); // the record says the time in milliseconds: another one makes another etag
        if (clock.now() <= 5 * TERM_MS) await first.renew();
      };
      const second = await take('b');
      assert.ok(clock.now() >= 6 * TERM_MS, `after ${clock.now()} ms`);
      assert.equal(second.token, 2);
    });

    it('forbids its holder to act from half a term after the last renewal was sent', async () => {
      const lease = await take('a');
      clock.advance(TERM_MS / 2 - 1);
      assert.ok(lease.isHeld());
      clock.advance(1);
      assert.ok(!lease.isHeld());
      await lease.renew();
      assert.ok(lease.isHeld());
    });

    it('is lost for a holder that slept and wakes up: it may not act, and never does again', async () => {
      const sleeper = await take('a');
      const successor = await take('b');
      assert.ok(!sleeper.isHeld());
      const before = await record();
      await sleeper.renew();
      assert.equal((sleeper.lost.reason as BagfleetError).code, 'lease-lost');
      assert.ok(!sleeper.isHeld());
      assert.equal(await sleeper.confirm(), false);
      await sleeper.release();
      assert.deepEqual(await record(), before);
      assert.ok(await successor.confirm());
      assert.ok(successor.isHeld());
    });

    it('goes to one challenger at a time, in every race', async () => {
      for (let round = 0; round < 5; round++) {
        const leases = await Promise.all(['a', 'b', 'c'].map((name) => take(`${name}${round}`)));
        // The winner never renews, so the others follow after a term each: three tokens, each given once.
        const tokens = leases.map(({ token }) => token).sort((a, b) => a - b);
        assert.deepEqual(
          tokens,
          [1, 2, 3].map((n) => 3 * round + n),
        );
        assert.equal(leases.filter((lease) => lease.isHeld()).length, 1);
      }
    });

    it('is settled by reading it back when the answer to a renewal gets lost', async () => {
      const lease = await take('a');
      const put = store.put.bind(store);
      store.put = async (...args) => {
        await put(...args);
        store.put = put;
        throw new BagfleetError('store-unavailable', 'the answer got lost');
      };
      clock.advance(1000);
      await lease.renew();
      assert.ok(!lease.lost.aborted);
      clock.advance(TERM_MS / 2 - 1000);
      assert.ok(!lease.isHeld(), 'a renewal without an answer is none');
      await lease.renew();
      assert.ok(lease.isHeld());
      assert.ok(!lease.lost.aborted);
    });

    it('is taken by a put whose answer got lost', async () => {
      const put = store.put.bind(store);
      store.put = async (...args) => {
        await put(...args);
        store.put = put;
        throw new BagfleetError('store-unavailable', 'the answer got lost');
      };
      const lease = await take('a');
      assert.equal(lease.token, 1);
      assert.ok(lease.isHeld());
      await lease.renew();
      assert.ok(!lease.lost.aborted);
    });
  });
}

class FakeClock implements LeaseClock {
  onSleep: () => Promise<void> = () => Promise.resolve();
  #now = 0;

  readonly now = () => this.#now;
  readonly sleep = async (ms: number) => {
    this.#now += ms;
    await this.onSleep();
    await new Promise(setImmediate);
  };

  advance(ms: number): void {
    this.#now += ms;
  }
}
