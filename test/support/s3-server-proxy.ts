/**
 * A proxy in front of a real S3 server that shows what passes and can be told to break a connection.
 * In: the server's address, and a rule that looks at each request. Out: an endpoint; the requests' heads.
 */
import { once } from 'node:events';
import type { IncomingMessage, RequestOptions, ServerResponse } from 'node:http';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What becomes of a request: `loseAnswer` hands it on and hangs up instead of answering; a number of bytes is
 * how much of the answer's body comes through before the connection ends. */
export type Fate = 'pass' | 'loseAnswer' | { readonly cutAfter: number };

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface S3Proxy {
  readonly endpoint: string;
  readonly seen: SeenRequest[];
  close(): Promise<void>;
}

export async function s3Proxy(
  target: string,
  fateOf: (seen: SeenRequest, nth: number) => Fate,
): Promise<S3Proxy> {
  const seen: SeenRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const entry = { method, path: url, headers };
    const fate = fateOf(entry, seen.push(entry));
    forward(incoming, outgoing, new URL(target), fate);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Headers pass as they are, the Host that was signed among them. */
function forward(incoming: IncomingMessage, outgoing: ServerResponse, target: URL, fate: Fate): void {
  const { method, url: path, headers } = incoming;
  const options = {
    host: target.hostname,
    port: target.port,
    method,
    path,
    headers,
    agent: false,
  } as RequestOptions;
  const upstream = request(options, (answer) => {
    if (fate === 'loseAnswer') {
      answer.resume().on('end', () => incoming.socket.destroy());
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    if (fate === 'pass') {
      answer.pipe(outgoing);
      return;
    }
    let left = fate.cutAfter;
    answer.on('data', (chunk: Buffer) => {
      if (left > 0) outgoing.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) setImmediate(() => incoming.socket.destroy());
    });
  });
  upstream.on('error', () => incoming.socket.destroy());
  incoming.pipe(upstream);
}
