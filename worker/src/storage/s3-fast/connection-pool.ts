/**
 * Connections to one server, kept alive between requests.
 * In: the server's address. Out: connections, at most so many at once; whoever comes later waits in line.
 */
import { Connection, type ServerAddress } from './connection.js';
import type { FastPatience } from './patience.js';

const MOST = 64;

export class ConnectionPool {
  readonly #address: ServerAddress;
  readonly #patience: FastPatience;
  readonly #idle: Connection[] = [];
  readonly #busy = new Set<Connection>();
  readonly #line: { readonly go: (connection: Connection) => void; readonly end: (error: Error) => void }[] =
    [];
  #isClosed = false;

  constructor(address: ServerAddress, patience: FastPatience) {
    this.#address = address;
    this.#patience = patience;
  }

  /** The one that was used last, since the server keeps it the longest; a new one if there is none. */
  async take(): Promise<Connection> {
    if (this.#isClosed) throw storeClosed();
    if (this.#busy.size >= MOST) return new Promise((go, end) => this.#line.push({ go, end }));
    return this.#next();
  }

  give(connection: Connection): void {
    this.#busy.delete(connection);
    if (connection.isUsable) this.#idle.push(connection);
    const waiting = this.#line.shift();
    if (waiting) waiting.go(this.#next());
  }

  close(): void {
    for (const connection of [...this.#idle, ...this.#busy])
      connection.end(new Error('the store was closed'));
    this.#idle.length = 0;
  }

  #next(): Connection {
    const connection = this.#kept() ?? new Connection(this.#address, this.#patience);
    this.#busy.add(connection);
    return connection;
  }

  #kept(): Connection | undefined {
    for (let last = this.#idle.pop(); last !== undefined; last = this.#idle.pop())
      if (last.isUsable) return last;
    return undefined;
  }
}

function storeClosed(): Error {
  return new Error('the store was closed');
}
