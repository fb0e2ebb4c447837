/**
 * What the pods of a run write: one log is followed per pod, from when the first of its workers is asked for.
 * In: pods, who listens for which worker and what is recorded of it. Out: its lines, none that is recorded already; the
 * ends of processes that a pod tells.
 */
import { parseLogLine } from '@bagfleet/proto';
import type { V1Pod } from '@kubernetes/client-node';
import type { LogConnections } from './log-connections.js';
import { type EndedProcess, PodOutput } from './pod-output.js';
import { unrecordedLines } from './unrecorded-lines.js';

const CONTAINER = 'worker';

export interface PodOutputsParts {
  readonly connections: LogConnections;
  readonly perPod: number;
  readonly onEnded: (uid: string, worker: string, ended: EndedProcess, time: Date) => void;
}

export interface WorkerListener {
  readonly worker: string;
  /** The last of its lines that is recorded; null wants all. */
  readonly last: string | null;
  readonly onLine: (line: string) => void;
}

export class PodOutputs {
  readonly #parts: PodOutputsParts;
  readonly #outputs = new Map<string, PodOutput>();

  constructor(parts: PodOutputsParts) {
    this.#parts = parts;
  }

  listen(pod: V1Pod, { worker, last, onLine }: WorkerListener): void {
    const isNew = unrecordedLines(last);
    // Of a pod with several workers the others' lines may be missing from further back. Without a time all come again.
    const after = this.#parts.perPod === 1 ? (parseLogLine(last ?? '')?.time ?? null) : null;
    this.#outputOf(pod, after).listen(worker, (line) => isNew(line) && onLine(line));
  }

  /** What it writes from now on is for the next one who listens. */
  unlisten(uid: string, worker: string): void {
    this.#outputs.get(uid)?.unlisten(worker);
  }

  /** The pod has ended: resolves when its last lines are told, or can't be had. */
  async end(uid: string): Promise<void> {
    await this.#outputs.get(uid)?.end();
    this.#outputs.get(uid)?.close();
    this.#outputs.delete(uid);
  }

  close(): void {
    for (const output of this.#outputs.values()) output.close();
  }

  #outputOf({ metadata }: V1Pod, after: string | null): PodOutput {
    const { uid = '', name = '' } = metadata ?? {};
    const known = this.#outputs.get(uid);
    if (known) return known;
    const { connections, onEnded } = this.#parts;
    const request = { connections, pod: name, container: CONTAINER, after };
    const output = new PodOutput(request, (worker, ended, time) => onEnded(uid, worker, ended, time));
    this.#outputs.set(uid, output);
    return output;
  }
}
