/**
 * A pod's output as it comes, line by line, through the API server.
 * In: a pod whose container has begun. Out: its lines in order, each once; after `end` the last ones. A stream that
 * breaks is begun again after the last line that came, one that can't be had after longer and longer pauses.
 */
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogConnections } from './log-connections.js';

const PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** For the last lines there is less time. */
const LAST_PAUSE_MS = 100;
/** The kubelet has the last lines when the pod is known to have ended; a dead node never gives them. */
const LAST_LINES_MS = 3000;
/** What the API server says instead of a line has no time. */
const TIME_AND_LINE = /^(\d{4}-\d\d-\d\dT\S+) (.*)$/s;

const GONE = 404;

/** `whole`: the stream came to its own end; `gone`: there is no such pod any more. */
type Outcome = 'whole' | 'gone' | 'broken';

export interface PodLogRequest {
  readonly connections: LogConnections;
  readonly pod: string;
  readonly container: string;
  /** Lines of this moment or before are left out (RFC 3339, up to nanoseconds); null wants all. */
  readonly after: string | null;
  readonly onLine: (line: string) => void;
}

export class PodLog {
  readonly #request: PodLogRequest;
  readonly #over = new AbortController();
  #after: string | null;
  #isEnding = false;
  #failures = 0;
  /** Ends a pause. */
  #wake: () => void = () => undefined;
  readonly #done: Promise<void>;

  constructor(request: PodLogRequest) {
    this.#request = request;
    this.#after = request.after;
    this.#done = this.#follow();
  }

  /** The container has ended: resolves when its last lines are told, or can't be had. */
  async end(): Promise<void> {
    this.#isEnding = true;
    this.#failures = 0;
    this.#wake();
    const late = setTimeout(() => this.#over.abort(), LAST_LINES_MS);
    await this.#done;
    clearTimeout(late);
  }

  close(): void {
    this.#over.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#over;
    while (!signal.aborted) {
      const wasEnding = this.#isEnding;
      const outcome = await this.#stream().catch((): Outcome => 'broken');
      if (wasEnding && outcome !== 'broken') return;
      this.#failures = outcome === 'broken' ? this.#failures + 1 : 0;
      await this.#pause();
    }
  }

  async #pause(): Promise<void> {
    const first = this.#isEnding ? LAST_PAUSE_MS : PAUSE_MS;
    const pause = Math.min(LONGEST_PAUSE_MS, first * 2 ** Math.max(0, this.#failures - 1));
    const awake = new AbortController();
    this.#wake = () => awake.abort();
    const signal = AbortSignal.any([this.#over.signal, awake.signal]);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
  }

  async #stream(): Promise<Outcome> {
    const { connections, pod } = this.#request;
    const response = await connections.get(`pods/${pod}/log`, this.#query(), this.#over.signal);
    if (response.statusCode !== 200) {
      response.resume();
      return response.statusCode === GONE ? 'gone' : 'broken';
    }
    return await new Promise((resolve, reject) => {
      const lines = createInterface(response);
      // It passes the stream's error on; one that nobody hears ends the process.
      lines.on('error', reject);
      lines.on('line', (line) => this.#tell(line));
      lines.on('close', () => resolve(response.complete ? 'whole' : 'broken'));
    });
  }

  #query(): URLSearchParams {
    const query = new URLSearchParams({ container: this.#request.container, timestamps: 'true' });
    if (!this.#isEnding) query.set('follow', 'true');
    // Whole seconds: lines of that second come again and are passed over.
    if (this.#after !== null) query.set('sinceTime', `${this.#after.slice(0, 19)}Z`);
    return query;
  }

  #tell(stamped: string): void {
    const [, time, line] = TIME_AND_LINE.exec(stamped) ?? [];
    if (time === undefined || (this.#after !== null && !isLater(time, this.#after))) return;
    this.#after = time;
    this.#request.onLine(line);
  }
}

/** The kubelet leaves out trailing zeros of the fraction, so the parts are compared one by one. */
function isLater(time: string, than: string): boolean {
  const [seconds, fraction] = partsOf(time);
  const [thanSeconds, thanFraction] = partsOf(than);
  return seconds === thanSeconds ? fraction > thanFraction : seconds > thanSeconds;
}

function partsOf(time: string): [string, string] {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? '';
  return [time.slice(0, 19), fraction.padEnd(9, '0')];
}
