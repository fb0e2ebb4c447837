/**
 * One who calls a coordinator without looking who answers, as an intruder would.
 * In: its address, a token, an identity (null: TLS without a certificate of one's own). Out: how the call ended, in the
 * words that the coordinator has for it.
 */
import { once } from 'node:events';
import { CoordinatorClient, openSession } from '@bagfleet/proto/grpc/coordinator-service';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { credentials, Metadata } from '@grpc/grpc-js';

const PATIENCE_MS = 10_000;

export async function endOfBlindCall(
  address: string,
  token: string,
  identity: RunIdentity | null,
): Promise<string> {
  const [key, certificate] = identity
    ? [Buffer.from(identity.key), Buffer.from(identity.certificate)]
    : [null, null];
  const blind = credentials.createSsl(null, key, certificate, { rejectUnauthorized: false });
  const client = new CoordinatorClient(address, blind, { 'grpc.ssl_target_name_override': 'whoever' });
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${token}`);
  const stream = openSession(client, metadata);
  try {
    const [error] = await once(stream, 'error', { signal: AbortSignal.timeout(PATIENCE_MS) });
    return error.details;
  } finally {
    client.close();
  }
}
