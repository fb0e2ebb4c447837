/**
 * Lets one event of each reason through in a while, so that a big fleet does not flood the API server: those that come
 * meanwhile wait and are told as one, with the newest message and their number. Pure: time is an argument.
 * In: happenings as they come. Out: what is due.
 */
import type { Happening } from '../../../coordinator/run-story.js';

/** Between two events of one reason. */
const PAUSE_MS = 5000;

export interface GatedEvent extends Happening {
  readonly count: number;
  /** Of the first of them; `time` is that of the last. */
  readonly since: string;
}

export class EventGate {
  /** By reason, in the order in which they came. */
  readonly #waiting = new Map<string, GatedEvent>();
  readonly #closedUntil = new Map<string, number>();

  add(happening: Happening): void {
    const { reason, time } = happening;
    const before = this.#waiting.get(reason);
    const [count, since] = before ? [before.count + 1, before.since] : [1, time];
    this.#waiting.set(reason, { ...happening, count, since });
  }

  due(now: number): GatedEvent[] {
    const due = [...this.#waiting.values()].filter(
      ({ reason }) => now >= (this.#closedUntil.get(reason) ?? Number.NEGATIVE_INFINITY),
    );
    for (const { reason } of due) this.#closedUntil.set(reason, now + PAUSE_MS);
    return this.#taken(due);
  }

  /** All that waits, at the end. */
  rest(): GatedEvent[] {
    return this.#taken([...this.#waiting.values()]);
  }

  /** It could not be told: later, together with what has come meanwhile. */
  putBack(event: GatedEvent): void {
    const newer = this.#waiting.get(event.reason);
    const both = newer && { ...newer, count: newer.count + event.count, since: event.since };
    this.#waiting.set(event.reason, both ?? event);
  }

  #taken(events: GatedEvent[]): GatedEvent[] {
    for (const { reason } of events) this.#waiting.delete(reason);
    return events;
  }
}
