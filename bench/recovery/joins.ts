/**
 * What it cost a running fleet to admit a worker, from the run's own events.jsonl.
 * In: its rows. Out: per worker that joined a fleet that trained: how long the others rested, what was pulled.
 */
import type { EventRow } from '@bagfleet/proto';

const ENTERED =
  /^entered generation (\S+) at step \d+(?:, pulled (\d+) bytes in (\d+) ms)?, rested (\d+) ms$/;
const JOINS = /^generation (\S+) begins with .*: (\S+) joins$/;

export interface Join {
  readonly worker: string;
  /** The longest rest of a member that trained before. */
  readonly pauseSeconds: number;
  readonly pulledBytes: number;
  readonly pullSeconds: number;
}

export function joinsOf(events: readonly EventRow[]): Join[] {
  return events.flatMap(({ event, message }) => {
    const [, generation, worker] = (event === 'generation' && JOINS.exec(message)) || [];
    if (!generation) return [];
    const entries = entriesOf(events, generation);
    const newcomer = entries.find((entry) => entry.worker === worker);
    const others = entries.filter((entry) => entry.worker !== worker);
    if (!newcomer || newcomer.pulledBytes === 0 || others.length === 0) return [];
    const { pulledBytes, pullSeconds } = newcomer;
    const pauseSeconds = Math.max(...others.map(({ restedSeconds }) => restedSeconds));
    return [{ worker, pauseSeconds, pulledBytes, pullSeconds }];
  });
}

/** What the pause may be, in seconds: what the transfer takes, half as much again, and half a second. */
export function allowedPause({ pullSeconds }: Join): number {
  return 1.5 * pullSeconds + 0.5;
}

function entriesOf(events: readonly EventRow[], generation: string) {
  return events.flatMap(({ event, message, worker }) => {
    const [, name, bytes, pull, rested] = (event === 'entered' && ENTERED.exec(message)) || [];
    if (name !== generation || !worker) return [];
    const [pulledBytes, pullMs, restedMs] = [bytes, pull, rested].map((text) => Number(text ?? 0));
    return [{ worker, pulledBytes, pullSeconds: pullMs / 1000, restedSeconds: restedMs / 1000 }];
  });
}
