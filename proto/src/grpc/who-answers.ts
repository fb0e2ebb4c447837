/**
 * Looks who answers at an address that gRPC could not connect to: gRPC keeps the reason to itself, or tells it in
 * OpenSSL's words. In: the address, the role that should be there, our identity. Out: why it is not trusted, in words;
 * null if it is, or if nobody answers. Nothing but the handshake is sent.
 */
import { connect, type TLSSocket } from 'node:tls';
import { type Client, connectivityState } from '@grpc/grpc-js';
import { Membership } from './identity-verdict.js';
import { dnsNameOf, type Role, type RunIdentity } from './run-identity.js';

const LOOK_MS = 2000;

export async function whyUntrusted(
  address: string,
  role: Role,
  identity: RunIdentity,
): Promise<string | null> {
  const at = address.lastIndexOf(':');
  const port = Number(address.slice(at + 1));
  if (!Number.isInteger(port) || port > 65535) return null; // an address that is none: gRPC has said so
  const socket = connect({
    host: address.slice(0, at).replace(/^\[|\]$/g, ''),
    port,
    servername: dnsNameOf(role),
    ca: identity.authority,
    cert: identity.certificate, // a member that is only slow must not report a stranger
    key: identity.key,
    rejectUnauthorized: false, // we only look
    ALPNProtocols: ['h2'],
    timeout: LOOK_MS,
  });
  try {
    return await new Promise((resolve) => {
      socket.once('secureConnect', () => resolve(verdict(socket, role, identity)));
      socket.once('timeout', () => resolve(null));
      socket.on('error', (error: NodeJS.ErrnoException) =>
        resolve(error.code?.startsWith('ERR_SSL') ? 'it does not speak TLS as members of a run do' : null),
      );
    });
  } finally {
    socket.destroy();
  }
}

/** Until the client has connected or is closed: each failure to connect is looked into. */
export function onStranger(
  client: Client,
  look: () => Promise<string | null>,
  tell: (why: string) => void,
): void {
  const channel = client.getChannel();
  const follow = async () => {
    const state = channel.getConnectivityState(false);
    if (state === connectivityState.READY || state === connectivityState.SHUTDOWN) return;
    const why = state === connectivityState.TRANSIENT_FAILURE ? await look() : null;
    if (why !== null) return tell(why);
    const now = channel.getConnectivityState(false);
    if (now === connectivityState.SHUTDOWN) return;
    channel.watchConnectivityState(now, Number.POSITIVE_INFINITY, (error) => {
      if (!error) void follow();
    });
  };
  void follow();
}

function verdict(socket: TLSSocket, role: Role, identity: RunIdentity): string | null {
  const shown = {
    certificate: socket.getPeerX509Certificate() ?? null,
    chainError: socket.authorized ? null : String(socket.authorizationError),
  };
  return new Membership(identity).whyNot(shown, role, new Date());
}
