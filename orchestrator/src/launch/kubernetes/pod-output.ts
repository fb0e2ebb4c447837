/**
 * A pod's log, taken apart: each line goes to the worker that wrote it.
 * In: a pod whose container has begun, who listens for which worker. Out: its lines, in order; what a worker writes
 * before anybody listens is kept for the first who does. A line of nobody (Node's own, at a crash) goes to all.
 */
import { type LogLine, parseLogLine } from '@bagfleet/proto';
import { PodLog, type PodLogRequest } from './pod-log.js';

/** Per worker: more than what one writes until it is known to the coordinator. */
const KEPT_LINES = 1000;

export type EndedProcess = NonNullable<LogLine['ended']>;

type LineListener = (line: string) => void;
/** A process of a worker in this pod has ended; called after its last line. */
type EndListener = (worker: string, ended: EndedProcess, time: Date) => void;

export class PodOutput {
  readonly #log: PodLog;
  readonly #onEnded: EndListener;
  readonly #listening = new Map<string, LineListener>();
  readonly #kept = new Map<string, string[]>();

  constructor(request: Omit<PodLogRequest, 'onLine'>, onEnded: EndListener) {
    this.#onEnded = onEnded;
    this.#log = new PodLog({ ...request, onLine: (line) => this.#take(line) });
  }

  listen(worker: string, listener: LineListener): void {
    this.#listening.set(worker, listener);
    for (const line of this.#kept.get(worker) ?? []) listener(line);
    this.#kept.delete(worker);
  }

  /** What comes from now on is for the next one. */
  unlisten(worker: string): void {
    this.#listening.delete(worker);
  }

  /** As PodLog's. */
  async end(): Promise<void> {
    await this.#log.end();
  }

  close(): void {
    this.#log.close();
  }

  #take(line: string): void {
    const said = parseLogLine(line);
    if (!said) {
      for (const listener of this.#listening.values()) listener(line);
      return;
    }
    const { worker, ended, time } = said;
    const listener = this.#listening.get(worker);
    if (listener) listener(line);
    else this.#keep(worker, line);
    if (ended) this.#onEnded(worker, ended, new Date(time));
  }

  #keep(worker: string, line: string): void {
    const kept = [...(this.#kept.get(worker) ?? []), line].slice(-KEPT_LINES);
    this.#kept.set(worker, kept);
  }
}
