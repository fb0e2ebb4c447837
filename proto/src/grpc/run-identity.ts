/**
 * Who a process of a run is, on the wire: a certificate from the run's own authority, and the names in it.
 * In: a run's id and a role. Out: the names; and back, from a certificate to what it claims.
 *
 * Addresses are IPs that nobody knows beforehand, so names go by role: a DNS name that is the same in every run, for
 * the TLS library's own check, and the run's id as a URI. The URI is what tells runs and roles apart.
 */
import type { X509Certificate } from 'node:crypto';

/** PEM texts. null, where an identity is wanted, means a run on one machine: no TLS, loopback only. */
export interface RunIdentity {
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

export type Role = 'coordinator' | 'worker';

export interface Claim {
  /** The run's id as it stands in the URI. */
  readonly run: string;
  readonly role: Role;
}

/** Nothing else may come from a stranger's certificate into our logs. */
const URI = /^URI:bagfleet:\/\/runs\/([\w.%~-]{1,200})\/(coordinator|worker)$/;

export function dnsNameOf(role: Role): string {
  return `${role}.bagfleet.internal`;
}

export function uriOf(runId: string, role: Role): string {
  return `bagfleet://runs/${encodeURIComponent(runId)}/${role}`;
}

/** What the certificate says of itself, believed or not; null if it says nothing of bagfleet, or two things. */
export function claimOf(certificate: X509Certificate): Claim | null {
  const claims = (certificate.subjectAltName ?? '').split(', ').flatMap((name) => {
    const match = URI.exec(name);
    return match ? [{ run: match[1], role: match[2] as Role }] : [];
  });
  return claims.length === 1 ? claims[0] : null;
}
