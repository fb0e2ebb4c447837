/**
 * What a node's workers write, as lines that tell whose they are.
 * In: a line of a worker's output. Out: one JSON line: its own if it has that form, else (native code, Node itself) one
 * that holds it. A worker's lines that are made here have later and later times.
 */
import { type LogLevel, type LogLine, parseLogLine } from '@bagfleet/proto';
import { type ProcessEnd, TOLD_TO_GO } from './node-rules.js';

export class NodeLines {
  readonly #run: string;
  readonly #worker: string;
  readonly #now: () => number;
  #last = 0;

  constructor(run: string, worker: string, now: () => number = Date.now) {
    this.#run = run;
    this.#worker = worker;
    this.#now = now;
  }

  written(line: string, level: LogLevel): string {
    const own = parseLogLine(line);
    if (!own) return this.#made(level, line);
    this.#last = Math.max(this.#last, Date.parse(own.time) || 0);
    return line;
  }

  /** For people, and for the coordinator, who learns from it how that process ended. */
  ended(process: string, { code, signal }: ProcessEnd, pauseMs: number | null): string {
    const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
    const isDeath = code !== 0 && code !== TOLD_TO_GO;
    const then = isDeath && pauseMs !== null ? `; it is started again in ${pauseMs / 1000} s` : '';
    const level = isDeath ? 'warn' : 'info';
    return this.#made(level, `${this.#worker} ended ${how}${then}`, { process, code, signal });
  }

  #made(level: LogLevel, message: string, ended?: LogLine['ended']): string {
    this.#last = Math.max(this.#now(), this.#last + 1);
    const time = new Date(this.#last).toISOString();
    const line: LogLine = { time, level, run: this.#run, worker: this.#worker, message };
    return JSON.stringify(ended ? { ...line, ended } : line);
  }
}
