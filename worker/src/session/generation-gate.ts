/**
 * Which generation a worker is in, and which it is to enter next.
 * In: the coordinator's starts. Out: the latest of them, and the end of the one before it: at once if somebody was
 * lost, else at the next step boundary.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { Start } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import type { Member } from '../collective/generation.js';

export interface GenerationId {
  readonly lease: number;
  readonly number: number;
}

export interface EnteredStart {
  readonly start: Start;
  /** Aborts when this generation is over for this worker. */
  readonly signal: AbortSignal;
}

export class GenerationGate {
  #current: Start | null = null;
  #next: Start | null = null;
  #controller = new AbortController();
  /** A graceful start waits for a boundary only while steps are taken. */
  #training = false;
  #wake: (() => void) | null = null;

  /** An older start than the one that is known is not followed. */
  hear(start: Start): void {
    const known = this.#next ?? this.#current;
    if (known && compareStarts(start, known) <= 0) return;
    this.#next = start;
    this.#wake?.();
    if (!start.graceful || !this.#training) this.#controller.abort(superseded(start));
  }

  /** Waits for a start that is newer than the present one, and enters it. */
  async enter(signal: AbortSignal): Promise<EnteredStart> {
    while (!this.#next) await this.#untilHeard(signal);
    const start = this.#next;
    this.#current = start;
    this.#next = null;
    this.#training = false;
    this.#controller = new AbortController();
    const over = AbortSignal.any([this.#controller.signal, signal]);
    return { start, signal: over };
  }

  train(): void {
    this.#training = true;
    this.check();
  }

  /** At a step boundary: throws if the next generation has been announced. */
  check(): void {
    if (this.#next) throw superseded(this.#next);
  }

  #untilHeard(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(signal.reason as Error);
      if (signal.aborted) return abort();
      signal.addEventListener('abort', abort, { once: true });
      this.#wake = () => {
        signal.removeEventListener('abort', abort);
        this.#wake = null;
        resolve();
      };
    });
  }
}

function compareStarts(a: Start, b: Start): number {
  const [one, other] = [a.generation, b.generation];
  return (one?.lease ?? 0) - (other?.lease ?? 0) || (one?.number ?? 0) - (other?.number ?? 0);
}

function superseded({ generation }: Start): BagfleetError {
  return new BagfleetError('cancelled', `generation ${generation?.lease}.${generation?.number} begins`);
}

export function membersOf({ start }: EnteredStart): Member[] {
  return start.members.map(({ workerId, peerAddress }) => ({ id: workerId, address: peerAddress }));
}

/** As plain data. */
export function generationOf({ start }: EnteredStart): GenerationId {
  return { lease: start.generation?.lease ?? 0, number: start.generation?.number ?? 0 };
}

export function nameOf(entered: EnteredStart): string {
  const { lease, number } = generationOf(entered);
  return `${lease}.${number}`;
}
