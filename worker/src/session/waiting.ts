/**
 * Waiting that ends when the worker's life ends: every wait of the session is one of these.
 */
import { once } from 'node:events';
import type { Start, Welcome } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import type { SessionClient } from './session-client.js';

interface Words {
  welcome: Welcome;
  start: Start;
}

/** The next word of this kind from the coordinator; rejects with the signal's reason. */
export async function heard<K extends keyof Words>(
  session: SessionClient,
  word: K,
  signal: AbortSignal,
): Promise<Words[K]> {
  const [value] = await orAborted(signal, once(session, word) as Promise<[Words[K]]>);
  return value;
}

/** The promise, or the signal's reason as soon as it aborts; a rejection that comes later is not unhandled. */
export function orAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  if (signal.aborted) return Promise.reject(signal.reason as Error);
  return new Promise<T>((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
