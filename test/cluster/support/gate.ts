/**
 * A TCP gate in front of a server on loopback: open, closed (connections end), or deaf (bytes are swallowed).
 * In: the server's port. Out: a port of its own that leads there or not.
 */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Gate {
  readonly port: number;
  set(state: 'open' | 'closed' | 'deaf'): void;
  close(): Promise<void>;
}

export async function openGate(target: number): Promise<Gate> {
  let state: 'open' | 'closed' | 'deaf' = 'open';
  const sockets = new Set<Socket>();
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.once('close', () => sockets.delete(socket));
  };
  const endAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    keep(client);
    if (state === 'closed') return void client.destroy();
    if (state === 'deaf') return void client.resume();
    const onward = connect(target, '127.0.0.1');
    keep(onward);
    client.pipe(onward).pipe(client);
    client.once('close', () => onward.destroy());
    onward.once('close', () => client.destroy());
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      state = next;
      endAll();
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        endAll();
      }),
  };
}
