/**
 * Which streams there are, and which of them count.
 * In: joins, messages and ends of streams, the core's answers. Out: what is to be heard.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { Join, SessionResponse } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { Session, type SessionStream, type WorkerMessage } from './session.js';

export interface SessionEvents {
  /** Which launch a worker comes from, by the name that it gives itself. */
  readonly incarnationOf: (worker: string, told: string) => string;
  /** To be answered by `welcome` or `refuse`, now or later. */
  readonly onJoin: (join: Join) => void;
  /** From a worker that was welcomed. */
  readonly onMessage: (worker: string, message: WorkerMessage) => void;
  /** The stream of a welcomed worker ended, and not because it was told to. */
  readonly onClosed: (worker: string) => void;
  /** Somebody who is no worker of this run was not let in: who and why, a sentence for people. */
  readonly onRefused: (words: string) => void;
}

export class SessionBook {
  readonly #events: SessionEvents;
  readonly #all = new Set<Session>();
  /** By worker id. */
  readonly #welcomed = new Map<string, Session>();

  constructor(events: SessionEvents) {
    this.#events = events;
  }

  /** null when this launch of the worker has a session already: it is refused. */
  join(stream: SessionStream, told: Join): Session | null {
    const incarnation = this.#events.incarnationOf(told.workerId, told.incarnation);
    const join = { ...told, incarnation };
    const session = new Session(stream, join);
    if (this.#find(join.workerId, join.incarnation)) {
      session.refuse(twin(join.workerId));
      return null;
    }
    this.#all.add(session);
    this.#events.onJoin(join);
    return session;
  }

  hear(session: Session, message: WorkerMessage): void {
    const heard = session.isOpen ? session.hear(message) : null;
    if (heard) this.#events.onMessage(session.worker, heard);
  }

  closed(session: Session): void {
    if (!this.#all.has(session)) return;
    const counted = this.welcomed(session.worker) === session;
    this.#forget(session);
    if (counted) this.#events.onClosed(session.worker);
  }

  welcomed(worker: string): Session | null {
    return this.#welcomed.get(worker) ?? null;
  }

  /** Gives the process id of the worker; null if it has gone meanwhile, which is told as its end. */
  welcome(worker: string, incarnation: string, answer: SessionResponse['message']): number | null {
    const session = this.#find(worker, incarnation);
    if (!session) {
      queueMicrotask(() => this.#events.onClosed(worker));
      return null;
    }
    const earlier = this.welcomed(worker);
    if (earlier && earlier !== session) this.#end(earlier);
    this.#welcomed.set(worker, session);
    session.say(answer);
    const waited = session.welcome();
    queueMicrotask(() => {
      for (const message of waited)
        if (this.welcomed(worker) === session) this.#events.onMessage(worker, message);
    });
    return session.pid;
  }

  refuse(worker: string, incarnation: string | null, error: BagfleetError): void {
    const session = incarnation === null ? this.welcomed(worker) : this.#find(worker, incarnation);
    if (!session) return;
    session.refuse(error);
    this.#forget(session);
  }

  sayToAll(message: SessionResponse['message']): void {
    for (const session of this.#welcomed.values()) session.say(message);
  }

  drop(worker: string): void {
    const session = this.welcomed(worker);
    if (session) this.#end(session);
  }

  #find(worker: string, incarnation: string): Session | null {
    for (const session of this.#all)
      if (session.worker === worker && session.incarnation === incarnation) return session;
    return null;
  }

  #end(session: Session): void {
    session.end();
    this.#forget(session);
  }

  #forget(session: Session): void {
    this.#all.delete(session);
    if (this.welcomed(session.worker) === session) this.#welcomed.delete(session.worker);
  }
}

function twin(name: string): BagfleetError {
  return new BagfleetError('peer-refused', 'has a session already', { culprit: `worker ${name}` });
}
