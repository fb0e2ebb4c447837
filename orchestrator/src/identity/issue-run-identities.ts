/**
 * All that a run needs so that nobody else gets in: an authority, and one identity for each role.
 * In: the run's id, the time, for how many days. Out: the authority, and PEM texts for coordinator and workers.
 *
 * How long it holds: a certificate is looked at when a connection is made, never again. Connections that stand go on
 * beyond its end; a new one after it is refused, and says so. A run that may take longer is helped by its
 * coordinator: each one that starts issues anew from the stored authority (`issueFrom`), and workers that are started
 * later read what it issued. No certificate outlives its authority: a run that lasts longer than that needs a new
 * authority, and then workers of the old one and of the new one refuse each other, so all must start anew.
 */
import type { Role, RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import { issueAuthority } from './issue-authority.js';
import { issueCertificate } from './issue-certificate.js';
import { newKeys, newSerial, type RunAuthority } from './run-authority.js';

export interface IdentityRequest {
  readonly runId: string;
  readonly now: Date;
  readonly days: number;
}

export interface RunIdentities {
  readonly authority: RunAuthority;
  readonly coordinator: RunIdentity;
  readonly worker: RunIdentity;
}

export async function issueRunIdentities(request: IdentityRequest): Promise<RunIdentities> {
  const authority = await issueAuthority({ ...request, keys: await newKeys(), serial: newSerial() });
  return { authority, ...(await issueFrom(authority, request)) };
}

/** New identities from an authority that is there already: that of an earlier coordinator of the run. */
export async function issueFrom(
  authority: RunAuthority,
  request: IdentityRequest,
): Promise<Omit<RunIdentities, 'authority'>> {
  const issue = async (role: Role) =>
    issueCertificate(authority, { ...request, role, keys: await newKeys(), serial: newSerial() });
  return { coordinator: await issue('coordinator'), worker: await issue('worker') };
}
