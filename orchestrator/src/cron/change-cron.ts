/**
 * How a cron's record changes. Pure.
 * In: a cron, what is wanted, the time. Out: the cron after it.
 */
import type { Cron } from '@bagfleet/proto';
import { currentClock, isSuspended } from './cron-cluster.js';
import type { Schedule } from './schedule.js';

/** Being suspended twice is being suspended. */
export function suspended(cron: Cron, now: Date): Cron {
  if (isSuspended(cron)) return cron;
  return { ...cron, pauses: [...cron.pauses, { from: now.toISOString(), to: null }] };
}

export function resumed(cron: Cron, now: Date): Cron {
  const to = now.toISOString();
  return { ...cron, pauses: cron.pauses.map((pause) => (pause.to === null ? { ...pause, to } : pause)) };
}

/** The clocks after this one is wound: earlier ones stay, so that history knows what was due then. */
export function rewound(before: Cron | null, { schedule, timeZone }: Schedule, now: Date): Cron['clocks'] {
  const clock = { since: now.toISOString(), schedule, timeZone };
  if (!before) return [clock];
  const last = currentClock(before);
  const isSame = last.schedule === schedule && last.timeZone === timeZone;
  return isSame ? before.clocks : [...before.clocks, clock];
}
