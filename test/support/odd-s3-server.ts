/**
 * A server that holds one object and answers requests for it as it is told to: also as no server should.
 * In: the object, and a rule that looks at each request. Out: an endpoint, and what was asked.
 * It speaks over plain sockets, so that it can send anything at all.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

export interface OddRequest {
  /** First and last byte. */
  readonly range: readonly [number, number] | null;
  readonly ifMatch: string | undefined;
  /** The SDK names itself, and fast reads do not. */
  readonly bySdk: boolean;
  /** Requests on this connection before. */
  readonly before: number;
}

/** How the answer to a request is sent; null for the proper way. */
export type OddAnswer = ((socket: Socket, proper: ProperAnswer) => void) | null;

export interface ProperAnswer {
  readonly head: string;
  readonly body: Buffer;
}

export async function oddS3Server(
  object: { bytes: Uint8Array; etag: string },
  answerTo: (request: OddRequest, nth: number) => OddAnswer,
) {
  const asked: OddRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let text = '';
    let before = 0;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const request = requestOf(text.slice(0, end), before++);
        text = text.slice(end + 4);
        const proper = properAnswer(request, object);
        const odd = answerTo(request, asked.push(request));
        if (odd) odd(socket, proper);
        else socket.write(proper.head).valueOf() && socket.write(proper.body);
      }
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    /** Ends connections that lie idle, as servers do after a while. */
    hangUp: () => Promise.all([...sockets].map((socket) => once(socket.end(), 'close'))),
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function requestOf(head: string, before: number): OddRequest {
  const header = (name: string) => new RegExp(`^${name}: *(.*)$`, 'im').exec(head)?.[1]?.trim();
  const range = /^bytes=(\d+)-(\d+)$/.exec(header('range') ?? '');
  return {
    range: range ? [Number(range[1]), Number(range[2])] : null,
    ifMatch: header('if-match'),
    bySdk: /aws-sdk/.test(header('user-agent') ?? ''),
    before,
  };
}

function properAnswer({ range, ifMatch }: OddRequest, { bytes, etag }: { bytes: Uint8Array; etag: string }) {
  if (ifMatch !== undefined && ifMatch !== etag)
    return { head: 'HTTP/1.1 412 Precondition Failed\r\ncontent-length: 0\r\n\r\n', body: Buffer.alloc(0) };
  const [first, last] = range ?? [0, bytes.length - 1];
  const body = Buffer.from(bytes.subarray(first, last + 1));
  const lines = [
    range ? 'HTTP/1.1 206 Partial Content' : 'HTTP/1.1 200 OK',
    `content-length: ${body.length}`,
    `etag: ${etag}`,
    ...(range ? [`content-range: bytes ${first}-${first + body.length - 1}/${bytes.length}`] : []),
  ];
  return { head: `${lines.join('\r\n')}\r\n\r\n`, body };
}
