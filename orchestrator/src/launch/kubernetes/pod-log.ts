/**
 * A pod's output as it comes, line by line, through the API server.
 * In: a pod whose container has begun. Out: its lines in order, each once; after `end` the last ones. A stream that
 * breaks is begun again after the last line that came.
 */
import { get, type RequestOptions } from 'node:https';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../../kubernetes/open-cluster.js';

const PAUSE_MS = 1000;
/** The kubelet has the last lines when the pod is known to have ended; a dead node never gives them. */
const LAST_LINES_MS = 3000;
/** What the API server says instead of a line has no time. */
const TIME_AND_LINE = /^(\d{4}-\d\d-\d\dT\S+) (.*)$/s;

export interface PodLogRequest {
  readonly cluster: Cluster;
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
  readonly #done: Promise<void>;

  constructor(request: PodLogRequest) {
    this.#request = request;
    this.#after = request.after;
    this.#done = this.#follow();
  }

  /** The container has ended: resolves when its last lines are told, or can't be had. */
  async end(): Promise<void> {
    this.#isEnding = true;
    const late = setTimeout(() => this.#over.abort(), LAST_LINES_MS);
    await this.#done;
    clearTimeout(late);
  }

  close(): void {
    this.#over.abort();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#over;
    for (;;) {
      const wasEnding = this.#isEnding;
      const isWhole = await this.#stream().catch(() => false);
      if (signal.aborted || (wasEnding && isWhole)) return;
      await sleep(this.#isEnding ? PAUSE_MS / 10 : PAUSE_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
    }
  }

  /** True when the stream came to its own end. */
  async #stream(): Promise<boolean> {
    const { cluster, pod, container } = this.#request;
    const server = cluster.config.getCurrentCluster()?.server ?? '';
    const url = new URL(`${server}/api/v1/namespaces/${cluster.namespace}/pods/${pod}/log`);
    url.searchParams.set('container', container);
    url.searchParams.set('timestamps', 'true');
    if (!this.#isEnding) url.searchParams.set('follow', 'true');
    // Whole seconds: lines of that second come again and are passed over.
    if (this.#after !== null) url.searchParams.set('sinceTime', `${this.#after.slice(0, 19)}Z`);
    const options: RequestOptions = {};
    await cluster.config.applyToHTTPSOptions(options as never);
    return await new Promise((resolve, reject) => {
      const request = get(url, { ...options, signal: this.#over.signal }, (response) => {
        if (response.statusCode !== 200) {
          response.resume();
          return reject(new Error(`HTTP ${response.statusCode}`));
        }
        response.on('error', reject);
        const lines = createInterface(response);
        lines.on('line', (line) => this.#tell(line));
        lines.on('close', () => resolve(response.complete));
      });
      request.on('error', reject);
    });
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
