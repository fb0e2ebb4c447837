/**
 * One worker's stream, from its join on: not decided yet, then welcomed or not.
 * What it says before it is welcomed waits; what it says when it no longer counts is dropped.
 */
import type { BagfleetError } from '@bagfleet/proto';
import type { Join, SessionRequest, SessionResponse } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { sessionResponse } from '@bagfleet/proto/grpc/coordinator-service';
import { toFailure } from '@bagfleet/proto/grpc/failure-message';
import type { ServerDuplexStream } from '@grpc/grpc-js';

export type SessionStream = ServerDuplexStream<SessionRequest, SessionResponse>;
export type WorkerMessage = Exclude<SessionRequest['message'], { case: 'join' }>;

export class Session {
  readonly worker: string;
  readonly incarnation: string;
  /** Of the worker's process, on its machine. */
  readonly pid: number;
  readonly #stream: SessionStream;
  /** null once it is welcomed. */
  #waiting: WorkerMessage[] | null = [];
  #isOpen = true;

  constructor(stream: SessionStream, { workerId, incarnation, pid }: Join) {
    this.worker = workerId;
    this.incarnation = incarnation;
    this.pid = pid;
    this.#stream = stream;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The message, if it is to be heard now; null if it waits. */
  hear(message: WorkerMessage): WorkerMessage | null {
    if (this.#waiting === null) return message;
    this.#waiting.push(message);
    return null;
  }

  /** What it has said while it was not decided. */
  welcome(): readonly WorkerMessage[] {
    const waited = this.#waiting ?? [];
    this.#waiting = null;
    return waited;
  }

  say(message: SessionResponse['message']): void {
    if (this.#isOpen) this.#stream.write(sessionResponse(message));
  }

  refuse(error: BagfleetError): void {
    this.say({ case: 'refused', value: toFailure(error) });
    this.end();
  }

  end(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#stream.end();
  }
}
