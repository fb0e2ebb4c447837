/**
 * The logs of a run's workers, as far as they are in the store, line by line.
 * In: the store, a run, the workers asked for. Out: on each call the lines that are new, by worker.
 */
import { RUN_FILES } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { GrowingText } from './growing-text.js';

export interface LogLine {
  readonly worker: string;
  readonly line: string;
}

export class RunLogs {
  readonly #store: ObjectStore;
  readonly #folder: string;
  readonly #texts = new Map<string, GrowingText>();

  constructor(store: ObjectStore, run: string) {
    this.#store = store;
    this.#folder = `${run}/${RUN_FILES.logs}`;
  }

  /** Names of the workers that have a log, sorted. */
  async workers(): Promise<string[]> {
    const names: string[] = [];
    for await (const { key } of this.#store.list(this.#folder)) {
      const name = key.slice(this.#folder.length);
      if (name.endsWith('.log')) names.push(name.slice(0, -'.log'.length));
    }
    return names.sort();
  }

  /** New lines of these workers, worker by worker; `last` also gives lines that are not finished. */
  async newLines(workers: readonly string[], last: boolean): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    for (const worker of workers) {
      const text = this.#textOf(worker);
      const finished = await text.newLines();
      const unfinished = last ? text.unfinishedLine() : null;
      for (const line of unfinished === null ? finished : [...finished, unfinished])
        lines.push({ worker, line });
    }
    return lines;
  }

  #textOf(worker: string): GrowingText {
    const known = this.#texts.get(worker);
    if (known) return known;
    const text = new GrowingText(this.#store, `${this.#folder}${worker}.log`);
    this.#texts.set(worker, text);
    return text;
  }
}
