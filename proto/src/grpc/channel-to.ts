/**
 * How a member of a run calls another: credentials and channel options by the role of who must answer.
 * In: our identity and that role. Out: what a gRPC client takes. Whoever answers with another certificate is not
 * spoken to: neither the token nor anything else is sent.
 */
import { X509Certificate } from 'node:crypto';
import { checkServerIdentity } from 'node:tls';
import { type ChannelCredentials, type ChannelOptions, credentials } from '@grpc/grpc-js';
import { Membership } from './identity-verdict.js';
import { dnsNameOf, type Role, type RunIdentity } from './run-identity.js';

export interface ChannelTo {
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
}

/** null: no TLS, for a run on one machine. */
export function channelTo(role: Role, identity: RunIdentity | null): ChannelTo {
  if (!identity) return { credentials: credentials.createInsecure(), options: {} };
  const { authority, certificate, key } = identity;
  const membership = new Membership(identity);
  const name = dnsNameOf(role);
  return {
    credentials: credentials.createSsl(Buffer.from(authority), Buffer.from(key), Buffer.from(certificate), {
      checkServerIdentity: (_host, shown) => {
        const answered = { certificate: new X509Certificate(shown.raw), chainError: null };
        const why = membership.whyNot(answered, role, new Date());
        return why === null ? checkServerIdentity(name, shown) : new Error(why);
      },
    }),
    options: { 'grpc.ssl_target_name_override': name, 'grpc.default_authority': name },
  };
}
