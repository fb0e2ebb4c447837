/**
 * What the surroundings may ask a coordinator over HTTP: /metrics, /healthz (does it live?), /readyz (does it act for
 * the run?).
 * In: where to listen, the answers. Out: a server that keeps no process alive.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { PROMETHEUS_TYPE } from './prometheus-text.js';

const PLAIN = 'text/plain; charset=utf-8';

export interface Vitals {
  readonly metrics: () => string;
  /** Why it is not alive or not ready; null if it is. */
  readonly whyDead: () => string | null;
  readonly whyNotReady: () => string | null;
}

export class VitalsServer {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async listen({ host, port }: { host: string; port: number }, vitals: Vitals): Promise<VitalsServer> {
    const server = createServer((request, response) => answer(request, response, vitals));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    server.unref();
    return new VitalsServer(server);
  }

  /** http://host:port */
  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    return `http://${isIPv6(address) ? `[${address}]` : address}:${port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

function answer({ method, url }: IncomingMessage, response: ServerResponse, vitals: Vitals): void {
  const say = (code: number, text: string, type = PLAIN) =>
    response.writeHead(code, { 'content-type': type }).end(text);
  const sayWhy = (why: string | null) => say(why === null ? 200 : 503, `${why ?? 'ok'}\n`);
  if (method !== 'GET' && method !== 'HEAD') return void say(405, 'only GET\n');
  switch (url?.split('?', 1)[0]) {
    case '/metrics':
      return void say(200, vitals.metrics(), PROMETHEUS_TYPE);
    case '/healthz':
      return void sayWhy(vitals.whyDead());
    case '/readyz':
      return void sayWhy(vitals.whyNotReady());
    default:
      return void say(404, 'there are /metrics, /healthz and /readyz\n');
  }
}
