/**
 * One connection to a server: answers to one request at a time, bodies straight into the memory that they are for.
 * In: a request's bytes, a range and its destination. Out: the verdict on the answer, and how much of the body came.
 *
 * Node's streams copy and hand over chunks of 64 KiB; a socket that reads into a given buffer needs a third of the
 * CPU per byte (`npm run bench:read`).
 */
import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type ByteRange, type RangeVerdict, rangeVerdict } from './range-answer.js';
import { type ResponseHead, responseHead, WrongAnswer } from './response-head.js';

export interface ServerAddress {
  readonly tls: boolean;
  readonly host: string;
  readonly port: number;
  /** Certificates that are trusted instead of the usual ones (PEM). */
  readonly ca: string | undefined;
}

/** How an exchange ended. `received` bytes of the body lie at the beginning of the destination. */
export type Exchange =
  | { readonly end: 'answered'; readonly verdict: RangeVerdict; readonly received: number }
  | {
      readonly end: 'broken';
      readonly error: Error;
      readonly received: number;
      readonly etag: string | null;
      /** Not one byte of an answer came. */
      readonly silent: boolean;
    };

const HEAD_BYTES = 16 << 10;

interface Pending {
  readonly range: ByteRange;
  readonly into: Uint8Array;
  readonly finish: (exchange: Exchange) => void;
}

export class Connection {
  readonly #socket: Socket;
  readonly #head = Buffer.alloc(HEAD_BYTES);
  #headFilled = 0;
  #pending: Pending | null = null;
  #etag: string | null = null;
  #received = 0;
  #answers = 0;
  #isUsable = true;
  #closesAfter = false;

  constructor(address: ServerAddress, timeouts: { connectMs: number; idleMs: number }) {
    const onread = { buffer: () => this.#room(), callback: (count: number) => this.#arrived(count) };
    const { host, port, ca } = address;
    const options = { host, port, onread, noDelay: true };
    this.#socket = address.tls
      ? connectTls({
          ...options,
          ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
          ...(ca ? { ca } : {}),
        })
      : connectPlain(options);
    this.#socket.setTimeout(timeouts.connectMs, () => this.end(timedOut(this.#answers)));
    this.#socket.once(address.tls ? 'secureConnect' : 'connect', () =>
      this.#socket.setTimeout(timeouts.idleMs),
    );
    this.#socket.on('error', (error) => this.end(error));
    this.#socket.on('close', () => this.end(closedEarly()));
  }

  /** Whether another request may be sent. */
  get isUsable(): boolean {
    return this.#isUsable && this.#pending === null;
  }

  /** It has answered before, so the server may have closed it in the meantime. */
  get isReused(): boolean {
    return this.#answers > 0;
  }

  get received(): number {
    return this.#received;
  }

  exchange(request: string, range: ByteRange, into: Uint8Array): Promise<Exchange> {
    this.#headFilled = 0;
    this.#received = 0;
    this.#etag = null;
    return new Promise((finish) => {
      this.#pending = { range, into, finish };
      if (!this.#isUsable) return this.end(closedEarly());
      this.#socket.ref();
      this.#socket.write(request, 'latin1');
    });
  }

  /** Ends the connection, and the exchange that is under way with this error. */
  end(error: Error): void {
    this.#isUsable = false;
    this.#socket.destroy();
    const silent = this.#headFilled === 0;
    this.#settle({ end: 'broken', error, received: this.#received, etag: this.#etag, silent });
  }

  /** Where the next bytes go: the head's buffer, then the destination. */
  #room(): Uint8Array {
    const { into } = this.#pending ?? {};
    if (into === undefined || this.#etag === null) return this.#head.subarray(this.#headFilled);
    return into.subarray(this.#received);
  }

  #arrived(count: number): boolean {
    try {
      this.#take(count);
    } catch (error) {
      this.end(error as Error);
    }
    return true;
  }

  #take(count: number): void {
    if (this.#pending === null) throw new WrongAnswer('it sends what nobody asked for');
    if (this.#etag !== null) this.#received += count;
    else {
      this.#headFilled += count;
      const head = responseHead(this.#head.subarray(0, this.#headFilled));
      if (head === null && this.#headFilled === HEAD_BYTES) throw new WrongAnswer('its head is too long');
      if (head === null) return;
      this.#begin(head, this.#pending);
    }
    if (this.#received === this.#pending?.into.length) this.#complete(this.#etag ?? '');
  }

  /** The head is there, and perhaps the beginning of the body behind it. */
  #begin(head: ResponseHead, { range, into }: Pending): void {
    const verdict = rangeVerdict(head, range);
    if (verdict.kind !== 'body') {
      this.#isUsable = false; // its body is not read
      this.#socket.destroy();
      this.#settle({ end: 'answered', verdict, received: 0 });
      return;
    }
    this.#closesAfter = /close/i.test(head.headers.get('connection') ?? '');
    const early = this.#head.subarray(head.bodyAt, this.#headFilled);
    if (early.length > into.length) throw new WrongAnswer('it sends more than it said');
    into.set(early);
    this.#received = early.length;
    this.#etag = verdict.etag;
  }

  #complete(etag: string): void {
    this.#answers++;
    this.#headFilled = 0;
    if (this.#closesAfter) {
      this.#isUsable = false;
      this.#socket.destroy();
    } else this.#socket.unref();
    this.#settle({ end: 'answered', verdict: { kind: 'body', etag }, received: this.#received });
  }

  #settle(exchange: Exchange): void {
    const { finish } = this.#pending ?? {};
    this.#pending = null;
    this.#etag = null;
    finish?.(exchange);
  }
}

function timedOut(answers: number): Error {
  const what = answers === 0 ? 'no answer' : 'nothing more';
  return Object.assign(new Error(`${what} came in time`), { code: 'ETIMEDOUT' });
}

function closedEarly(): Error {
  return Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' });
}
