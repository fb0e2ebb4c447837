/**
 * I4 among rivals: whatever writers do at the same time, in whatever order their requests arrive, and whoever
 * dies in the middle, a step's checkpoint is whole or absent. The order of requests is drawn at random.
 */
import assert from 'node:assert/strict';
import { checkpointFolder } from '@bagfleet/proto/run-files';
import { locateInRun } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import { removeUnfinished } from '@bagfleet/worker/checkpoint/remove-unfinished';
import { stateDigest } from '@bagfleet/worker/checkpoint/state-digest';
import { verifyCheckpoint } from '@bagfleet/worker/checkpoint/verify-checkpoint';
import { writeCheckpoint } from '@bagfleet/worker/checkpoint/write-checkpoint';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import fc from 'fast-check';
import { factsForTests, stateForTests } from '../../../integration/storage/checkpoint-state.js';
import { MemoryStore } from '../../../support/memory-store.js';

const STEP = 4;
const states = new Map([1, 2, 3].map((seed) => [seed, stateForTests(STEP, seed)]));
const IMMORTAL = 1_000;

interface Writer {
  /** Writers of the same seed are in the same state. */
  readonly seed: number;
  /** Requests that it makes before it dies; the last of them may still arrive. */
  readonly requests: number;
}

/** The store as one writer sees it: its requests arrive when the scheduler says so, until it is dead. */
function through(scheduler: fc.Scheduler, store: MemoryStore, { requests }: Writer): ObjectStore {
  let made = 0;
  const arriving = new Set(['get', 'put', 'head', 'delete']);
  return new Proxy(store as ObjectStore, {
    get(target, name) {
      const value = Reflect.get(target, name) as unknown;
      if (typeof value !== 'function' || !arriving.has(String(name))) return value;
      return async (...args: unknown[]) => {
        if (made++ >= requests) return new Promise(() => {}); // dead: it never hears of an answer
        await scheduler.schedule(Promise.resolve());
        return value.apply(target, args) as unknown;
      };
    },
  });
}

async function race(scheduler: fc.Scheduler, writers: readonly Writer[]) {
  const store = new MemoryStore();
  const outcomes: (string | null)[] = writers.map(() => null); // null: it died, or hangs
  writers.forEach((writer, index) => {
    const state = states.get(writer.seed);
    assert.ok(state);
    writeCheckpoint(through(scheduler, store, writer), state, factsForTests()).then(
      () => {
        outcomes[index] = 'committed';
      },
      (error: { code?: string }) => {
        outcomes[index] = error.code ?? String(error);
      },
    );
  });
  await scheduler.waitIdle();
  return { store, outcomes };
}

/** The seed of the state that is committed; null if none is. Fails if what is there is not whole. */
async function committedSeed(store: MemoryStore): Promise<number | null> {
  if ((await store.head(`${checkpointFolder(STEP)}manifest.json`)) === null) return null;
  const place = await locateInRun(store, STEP);
  for (const { problem } of await verifyCheckpoint(place)) assert.equal(problem, null);
  return [...states].find(([, state]) => stateDigest(state) === place.manifest.stateDigest)?.[0] ?? null;
}

const seed = fc.constantFrom(1, 2, 3);
const living = seed.map((value): Writer => ({ seed: value, requests: IMMORTAL }));
const mortal = fc.record({ seed, requests: fc.oneof(fc.nat(14), fc.constant(IMMORTAL)) });

describe('rival writers of one step', () => {
  it('leave it whole or absent, and whoever is told that it is committed is told the truth', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.tuple(living, living), async (scheduler, writers) => {
        const { store, outcomes } = await race(scheduler, writers);
        const committed = await committedSeed(store);
        outcomes.forEach((outcome, index) => {
          if (outcome === 'committed') assert.equal(committed, writers[index].seed);
          else assert.equal(outcome, 'store-conflict');
        });
        if (writers[0].seed === writers[1].seed) assert.deepEqual(outcomes, ['committed', 'committed']);
      }),
      { numRuns: 1_000 },
    );
  });

  it('leave it whole or absent when some of many die', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(mortal, { minLength: 2, maxLength: 4 }),
        async (scheduler, writers) => {
          const { store, outcomes } = await race(scheduler, writers);
          const committed = await committedSeed(store);
          for (const outcome of outcomes)
            assert.ok([null, 'committed', 'store-conflict'].includes(outcome), `${outcome}`);
          outcomes.forEach((outcome, index) => {
            if (outcome === 'committed') assert.equal(committed, writers[index].seed);
          });
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it('do not keep the next one from writing, once the remains are cleared away', async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(mortal, { maxLength: 3 }),
        seed,
        async (scheduler, writers, next) => {
          const { store } = await race(scheduler, writers);
          const before = await committedSeed(store);
          const state = states.get(next);
          assert.ok(state);
          await removeUnfinished(store);
          const outcome = await writeCheckpoint(store, state, factsForTests()).then(
            () => 'committed',
            (error: { code?: string }) => error.code,
          );
          assert.equal(outcome, before === null || before === next ? 'committed' : 'store-conflict');
          assert.equal(await committedSeed(store), before ?? next);
        },
      ),
      { numRuns: 500 },
    );
  });
});
