/**
 * The answer to who does not belong here: gRPC's own "unauthenticated", with the reason, to whatever it asks.
 * In: a connection that no service may see, and why. Out: it is told once, then the connection ends.
 *
 * A connection that is just dropped leaves whoever made a mistake with "connection reset" and nothing to mend.
 */
import { performServerHandshake } from 'node:http2';
import type { Duplex } from 'node:stream';
import { status } from '@grpc/grpc-js';

const REFUSAL_MS = 2000;

export function refuseInWords(socket: Duplex, words: string): void {
  const session = performServerHandshake(socket);
  const end = () => session.destroy();
  const timer = setTimeout(end, REFUSAL_MS);
  session.on('error', end);
  session.once('close', () => {
    clearTimeout(timer);
    socket.destroy();
  });
  session.on('stream', (stream) => {
    stream.on('error', () => undefined); // the caller may have gone
    stream.respond(
      {
        ':status': 200,
        'content-type': 'application/grpc',
        'grpc-status': String(status.UNAUTHENTICATED),
        'grpc-message': encodeURI(words),
      },
      { endStream: true },
    );
    session.close();
  });
}
