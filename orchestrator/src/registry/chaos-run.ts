/**
 * Orders faults for a run through the store; its coordinator carries them out.
 * In: the store, a run, which faults and how often. Out: order objects in the run's folder, until the time is up or
 * the run is over. What is drawn is a function of (seed, number of the order).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, type ChaosOrder, CounterRng, RUN_FILES, SCHEMA_VERSION } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isOver, type RunRecord, readRun } from './read-run.js';

/** The run is looked at this often, so that the end of a long interval is not waited for in vain. */
const POLL_MS = 1000;
/** A killed coordinator may come back; after so long without a word nobody is there to be hit. */
const GONE_AFTER_MS = 300_000;

export type ChaosFault = ChaosOrder['what'];

export interface ChaosPlan {
  /** One is drawn each time. */
  readonly faults: readonly ChaosFault[];
  /** Whom to hit; null leaves it to the draw. */
  readonly worker: string | null;
  readonly everyMs: number;
  /** null: until the run is over. */
  readonly forMs: number | null;
  readonly seed: number;
}

export interface ChaosTold {
  readonly ordered: (order: ChaosOrder) => void;
  /** No order was given, and why. */
  readonly heldBack: (reason: string) => void;
}

/** Faults that hit whomever they find, whatever worker was named. */
const AIMLESS: readonly ChaosFault[] = ['kill-coordinator', 'kill-during-checkpoint'];

/** The `count`-th order, from 1. */
export function drawOrder(plan: ChaosPlan, count: number, now: Date): ChaosOrder {
  const [which, draw] = new CounterRng(plan.seed, ['chaos', count]).uniform(2);
  const what = plan.faults[Math.floor(which * plan.faults.length)];
  return {
    schemaVersion: SCHEMA_VERSION,
    what,
    worker: AIMLESS.includes(what) ? null : plan.worker,
    draw,
    requestedAt: now.toISOString(),
  };
}

/** Names sort in the order in which the orders were given. */
export function orderKey(run: string, order: ChaosOrder, count: number): string {
  return `${run}/${RUN_FILES.chaos}${order.requestedAt}-${String(count).padStart(6, '0')}.json`;
}

/** Resolves with the number of orders and how the run stood at the end. */
export async function orderFaults(
  store: ObjectStore,
  run: string,
  plan: ChaosPlan,
  told: ChaosTold,
  signal: AbortSignal,
): Promise<{ count: number; record: RunRecord | null }> {
  const began = performance.now();
  const end = plan.forMs === null ? Number.POSITIVE_INFINITY : began + plan.forMs;
  let count = 0;
  for (;;) {
    // From now on, not from the last one's due time: after a pause of this process nothing is made up for.
    const due = performance.now() + plan.everyMs;
    const record = await lookUntil(store, run, Math.min(due, end), signal);
    if (!record || isOver(record.state) || due > end) return { count, record };
    if (record.state === 'lost') {
      told.heldBack(patience(record));
      continue;
    }
    const order = drawOrder(plan, ++count, new Date());
    await store.put(orderKey(run, order, count), Buffer.from(`${JSON.stringify(order)}\n`), {
      ifAbsent: true,
    });
    told.ordered(order);
  }
}

/** The run's record at that moment (on the clock of `performance.now`), or as soon as it is over. */
async function lookUntil(
  store: ObjectStore,
  run: string,
  moment: number,
  signal: AbortSignal,
): Promise<RunRecord | null> {
  for (;;) {
    const record = await readRun(store, run, new Date());
    const left = moment - performance.now();
    if (!record || isOver(record.state) || left <= 0) return record;
    await sleep(Math.min(left, POLL_MS), undefined, { signal });
  }
}

/** Orders would only pile up for a coordinator that is away. */
function patience({ run, status, problem }: RunRecord): string {
  const silent = Date.now() - Date.parse(status?.updatedAt ?? '');
  if (silent < GONE_AFTER_MS) return `held back: ${problem}`;
  throw new BagfleetError('wait-timeout', `nobody is there to be hit: ${problem}`, { culprit: `run ${run}` });
}
