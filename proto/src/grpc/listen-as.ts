/**
 * Where a gRPC server of a run listens: guarded by the run's authority, or, without an identity, as it is.
 * In: the server, an address, who we are. Out: the bound port, and a way to stop listening.
 */
import { type Server, ServerCredentials } from '@grpc/grpc-js';
import { GuardedPort } from './guarded-port.js';
import type { Role, RunIdentity } from './run-identity.js';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** null: no TLS, for a run on one machine. */
  readonly identity: RunIdentity | null;
  /** The role that callers must have. */
  readonly callers: Role;
  /** A sentence for people: who was refused, and why. */
  readonly onRefused: (words: string) => void;
}

export interface Listening {
  readonly port: number;
  /** Takes no new connections; those that are there end with the server. */
  close(): void;
}

/** Rejects with Node's or gRPC's error when nothing can listen there. */
export async function listenAs(server: Server, options: ListenOptions): Promise<Listening> {
  const { host, port, identity } = options;
  if (identity) {
    const guarded = new GuardedPort(server, { ...options, identity });
    return { port: await guarded.listen(host, port), close: () => guarded.close() };
  }
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(authority, ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve({ port: bound, close: () => undefined }); // the server closes what it has bound itself
    });
  });
}
