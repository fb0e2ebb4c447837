/**
 * A link to a real S3 server as links are: slow, narrow, or not to be trusted.
 * In: the server's address and what befalls each request. Out: an endpoint; counts of what it did.
 * What befalls an answer: it is cut (the connection ends in mid-body), truncated (shorter, and its header agrees),
 * corrupted (a bit is flipped, another one
 * each time), or there is none but 503.
 */
import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { CounterRng } from '@bagfleet/proto';

export type Mishap = 'cut' | 'truncate' | 'corrupt' | 'unavailable';

export interface Weather {
  /** Milliseconds before the first byte of the answer. */
  readonly delayMs?: number;
  readonly mishap?: Mishap | null;
}

export interface Link {
  readonly endpoint: string;
  /** Bytes of answers' bodies that passed. */
  readonly bytes: () => number;
  /** How often each mishap befell an answer. */
  readonly mishaps: Readonly<Record<Mishap, number>>;
  /** Bytes per second for all answers together from now on. */
  narrow(bytesPerSecond: number): void;
  close(): Promise<void>;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
}

export async function openLink(
  target: string,
  weatherOf: (asked: Asked, nth: number) => Weather,
): Promise<Link> {
  const agent = new Agent({ keepAlive: true });
  const road = new Road();
  const mishaps: Record<Mishap, number> = { cut: 0, truncate: 0, corrupt: 0, unavailable: 0 };
  let count = 0;
  const server = createServer((incoming, outgoing) => {
    const asked = { method: incoming.method ?? '', path: incoming.url ?? '' };
    const nth = ++count;
    const { delayMs = 0, mishap = null } = weatherOf(asked, nth);
    if (mishap === 'unavailable') {
      mishaps.unavailable++;
      incoming.resume().on('end', () => outgoing.writeHead(503, { 'content-length': 0 }).end());
      return;
    }
    const { hostname, port } = new URL(target);
    const { method, url: path, headers } = incoming;
    const upstream = request({ hostname, port, method, path, headers, agent }, (answer) => {
      const befalls = answer.statusCode === 200 || answer.statusCode === 206 ? mishap : null;
      pass(answer, outgoing, {
        delayMs,
        mishap: method === 'GET' ? befalls : null,
        nth,
        road,
        mishaps,
      }).catch(() => outgoing.destroy());
    });
    upstream.on('error', () => incoming.socket.destroy());
    outgoing.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bytes: () => road.bytes,
    mishaps,
    narrow: (bytesPerSecond) => road.narrow(bytesPerSecond),
    async close() {
      server.closeAllConnections();
      server.close();
      agent.destroy();
      await once(server, 'close');
    },
  };
}

interface Passing {
  readonly delayMs: number;
  readonly mishap: Mishap | null;
  readonly nth: number;
  readonly road: Road;
  readonly mishaps: Record<Mishap, number>;
}

async function pass(answer: IncomingMessage, outgoing: ServerResponse, passing: Passing): Promise<void> {
  const { delayMs, mishap, nth, road, mishaps } = passing;
  if (delayMs > 0) await sleep(delayMs);
  const length = Number(answer.headers['content-length'] ?? 0);
  const whole = mishap === null || mishap === 'corrupt' || length < 2;
  const limit = whole ? Number.POSITIVE_INFINITY : Math.floor(length / 2);
  const headers = { ...answer.headers };
  if (mishap === 'truncate' && !whole) headers['content-length'] = String(limit);
  if (mishap && length > 1) mishaps[mishap]++;
  outgoing.writeHead(answer.statusCode ?? 502, headers);
  const [flipAt, bit] = new CounterRng(nth, ['flip'])
    .uint32(2)
    .map((value, i) => value % (i === 0 ? length || 1 : 8));
  let passed = 0;
  for await (const chunk of answer as AsyncIterable<Buffer>) {
    const piece = chunk.subarray(0, Math.max(0, limit - passed));
    if (mishap === 'corrupt' && flipAt >= passed && flipAt < passed + piece.length)
      piece[flipAt - passed] ^= 1 << bit;
    passed += piece.length;
    await road.use(piece.length);
    if (piece.length > 0 && !outgoing.write(piece)) await once(outgoing, 'drain');
    if (passed >= limit) break;
  }
  if (mishap === 'cut' && !whole) outgoing.destroy();
  else outgoing.end();
}

/** All answers share it. */
class Road {
  bytes = 0;
  #perMs = Number.POSITIVE_INFINITY;
  /** When the last byte that was let on it has passed. */
  #freeAt = 0;

  narrow(bytesPerSecond: number): void {
    this.#perMs = bytesPerSecond / 1000;
  }

  async use(bytes: number): Promise<void> {
    this.bytes += bytes;
    if (!Number.isFinite(this.#perMs)) return;
    const now = performance.now();
    this.#freeAt = Math.max(now, this.#freeAt) + bytes / this.#perMs;
    if (this.#freeAt - now > 1) await sleep(this.#freeAt - now);
  }
}
