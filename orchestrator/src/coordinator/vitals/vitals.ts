/**
 * What a coordinator shows of itself and its run, where its surroundings want to know.
 * In: what happens, as the coordinator sees it, and where to listen. Out: metrics and health over HTTP; a run does not
 * fail because they can't be served.
 */
import { BagfleetError, type EventRow } from '@bagfleet/proto';
import type { ListenPlace } from '../listen-for-workers.js';
import { DecisionTimes } from './decision-times.js';
import { prometheusText } from './prometheus-text.js';
import { RunCounts } from './run-counts.js';
import { type RunFacts, runMetrics } from './run-metrics.js';
import { VitalsServer } from './vitals-server.js';

/** The coordinator's clock ticks ten times a second. */
const DEAD_MS = 30_000;

/** What is looked at when somebody asks. */
export type PresentFacts = Pick<
  RunFacts,
  'status' | 'sessionBytes' | 'failedWrites' | 'isLeaseHeld' | 'apiCalls'
>;

export class Vitals {
  readonly #present: () => PresentFacts;
  readonly #counts = new RunCounts();
  readonly #durations = new DecisionTimes();
  #wanted: number;
  #tickedAt: number | null = null;
  #server: VitalsServer | null = null;

  /** `wanted`: workers of the job. */
  constructor(wanted: number, present: () => PresentFacts) {
    this.#wanted = wanted;
    this.#present = present;
  }

  happened(row: EventRow): void {
    this.#counts.add(row);
  }

  /** How long the core took, and all that it ordered with it. */
  decided(decisionMs: number, turnMs: number): void {
    this.#durations.add(decisionMs, turnMs);
  }

  scaled(wanted: number): void {
    this.#wanted = wanted;
  }

  /** By a clock that only ever grows, in milliseconds. */
  ticked(now: number): void {
    this.#tickedAt = now;
  }

  /** `at`: null where nobody asks. */
  async show(at: ListenPlace | null): Promise<void> {
    if (at === null) return;
    try {
      this.#server = await VitalsServer.listen(at, {
        metrics: () => this.#metrics(),
        whyDead: () => this.whyDead(performance.now()),
        whyNotReady: () => (this.#present().isLeaseHeld ? null : "it does not hold the run's lease"),
      });
      console.log(`metrics and health are at ${this.#server.url}`);
    } catch (thrown) {
      console.error(`metrics and health are not served: ${BagfleetError.from(thrown).message}`);
    }
  }

  /** Why it counts as dead; null if it lives. Before it acts for the run it has no clock. */
  whyDead(now: number): string | null {
    if (this.#tickedAt === null || now - this.#tickedAt < DEAD_MS) return null;
    return `its clock has not ticked for ${Math.round((now - this.#tickedAt) / 1000)} s`;
  }

  close(): void {
    this.#server?.close();
  }

  #metrics(): string {
    const counts = this.#counts.now;
    const own = { durations: this.#durations.now, residentBytes: process.memoryUsage.rss() };
    return prometheusText(runMetrics({ ...this.#present(), counts, wanted: this.#wanted, ...own }));
  }
}
