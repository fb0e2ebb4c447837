/**
 * A port that lets members of this run in, over mutual TLS, and nobody else.
 * In: a gRPC server that listens nowhere itself, our identity, the role that callers must have.
 * Out: connections of members, handed to the server; who was refused and why, in words.
 *
 * TLS ends here and not in grpc-js, whose own server drops strangers without telling anybody that it did, or why.
 * The handshake takes any certificate, or none; then ours and OpenSSL's verdict is asked before gRPC sees a byte.
 * No sessions are resumed, so every connection shows a certificate that is valid now.
 */
import { constants } from 'node:crypto';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { Membership } from './identity-verdict.js';
import { refuseInWords } from './refuse-in-words.js';
import type { Role, RunIdentity } from './run-identity.js';
import { Seldom } from './seldom.js';

/** From the first byte to the end of the handshake, and before that. */
const HANDSHAKE_MS = 10_000;
/** The first byte of a TLS connection; another protocol begins with something else. */
const TLS_HANDSHAKE = 0x16;

export interface Guard {
  readonly identity: RunIdentity;
  readonly callers: Role;
  readonly onRefused: (words: string) => void;
}

export class GuardedPort {
  readonly #guard: Guard;
  readonly #membership: Membership;
  readonly #inject: (socket: TLSSocket) => void;
  readonly #tls: TlsServer;
  readonly #tcp: NetServer;
  /** Who is not let in yet, by address and port. */
  readonly #outside = new Map<string, Socket>();
  readonly #seldom = new Seldom();

  constructor(server: Server, guard: Guard) {
    const { authority, certificate, key } = guard.identity;
    this.#guard = guard;
    this.#membership = new Membership(guard.identity);
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#inject = (socket) => injector.injectConnection(socket);
    this.#tls = createTlsServer({
      ca: authority,
      cert: certificate,
      key,
      requestCert: true,
      rejectUnauthorized: false, // we reject, below, with the reason
      minVersion: 'TLSv1.3',
      ALPNProtocols: ['h2'],
      handshakeTimeout: HANDSHAKE_MS,
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
    this.#tls.on('secureConnection', (socket) => this.#judge(socket));
    this.#tls.on('tlsClientError', (error, socket) => this.#failed(error, socket));
    this.#tcp = createServer((socket) => this.#meet(socket));
  }

  /** Gives the port that was bound; rejects with Node's error. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#tcp.once('error', reject);
      this.#tcp.listen({ host, port }, () => {
        this.#tcp.on('error', ({ message }) =>
          this.#guard.onRefused(`a connection could not be taken: ${message}`),
        );
        const address = this.#tcp.address();
        resolve(address !== null && typeof address === 'object' ? address.port : port);
      });
    });
  }

  /** Lets nobody in any more; who is in already is the server's affair. */
  close(): void {
    this.#tcp.close();
    for (const socket of this.#outside.values()) socket.destroy();
  }

  /** Who connects and says nothing, as probes do, is let go without a word. */
  #meet(socket: Socket): void {
    const from = addressOf(socket);
    const silent = setTimeout(() => socket.destroy(), HANDSHAKE_MS);
    this.#outside.set(from, socket);
    socket.on('error', () => undefined); // told by its end
    socket.once('close', () => {
      clearTimeout(silent);
      this.#outside.delete(from);
    });
    socket.once('data', (first) => {
      clearTimeout(silent);
      socket.pause();
      socket.unshift(first);
      if (first[0] === TLS_HANDSHAKE) this.#tls.emit('connection', socket);
      else this.#refuse(socket, 'it speaks without TLS, so it showed no certificate');
    });
  }

  #judge(socket: TLSSocket): void {
    socket.on('error', () => undefined); // told by its end
    if (socket.alpnProtocol !== 'h2') return this.#failed(new Error('no HTTP/2 was offered'), socket);
    const shown = {
      certificate: socket.getPeerX509Certificate() ?? null,
      chainError: socket.authorized ? null : String(socket.authorizationError),
    };
    const why = this.#membership.whyNot(shown, this.#guard.callers, new Date());
    if (why !== null) return this.#refuse(socket, why);
    this.#outside.delete(addressOf(socket));
    this.#inject(socket);
  }

  #refuse(socket: Socket, why: string): void {
    this.#report(socket, why);
    refuseInWords(socket, why);
  }

  /** Who goes away in the middle was not refused. */
  #failed(error: NodeJS.ErrnoException & { readonly reason?: string }, socket: TLSSocket): void {
    const why = error.reason ?? error.message; // OpenSSL's own message names its source file
    if (error.code !== 'ECONNRESET') this.#report(socket, `its TLS handshake failed: ${why}`);
    socket.destroy();
  }

  #report(socket: Socket, why: string): void {
    if (this.#seldom.allows(`${socket.remoteAddress} ${why}`, performance.now()))
      this.#guard.onRefused(`a connection from ${addressOf(socket)} was refused: ${why}`);
  }
}

function addressOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? 'an unknown address'}:${remotePort ?? '?'}`;
}
