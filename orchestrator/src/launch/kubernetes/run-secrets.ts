/**
 * The secrets of a run in its namespace: its authority with the token, which only coordinators read, and what workers
 * show. They are owned by the coordinator's Job and go with it.
 * In: the run, its Job. Out: the token and the coordinator's identity, the same authority for all coordinators of the
 * run; the workers' Secret is there.
 */
import { randomBytes } from 'node:crypto';
import { BagfleetError } from '@bagfleet/proto';
import type { RunIdentity } from '@bagfleet/proto/grpc/run-identity';
import type { V1OwnerReference, V1Secret } from '@kubernetes/client-node';
import { issueFrom, issueRunIdentities } from '../../identity/issue-run-identities.js';
import type { RunAuthority } from '../../identity/run-authority.js';
import type { Cluster } from '../../kubernetes/open-cluster.js';
import { authorityName, identityName, labelsOf, type Role } from './manifests/names.js';

const TOKEN_BYTES = 24;
/** Longer than any run; a certificate is looked at when a connection is made. */
const DAYS = 365;

export interface RunSecrets {
  readonly token: string;
  readonly identity: RunIdentity;
}

export async function ensureRunSecrets(
  cluster: Cluster,
  run: string,
  owner: V1OwnerReference,
): Promise<RunSecrets> {
  const { token, authority } = await ensureAuthority(cluster, run, owner);
  const { coordinator, worker } = await issueFrom(authority, { runId: run, now: new Date(), days: DAYS });
  const forWorkers = {
    token,
    'ca.crt': worker.authority,
    'tls.crt': worker.certificate,
    'tls.key': worker.key,
  };
  await cluster.objects.apply(secretOf(identityName(run), run, 'worker', owner, forWorkers));
  return { token, identity: coordinator };
}

interface StoredAuthority {
  readonly token: string;
  readonly authority: RunAuthority;
}

async function ensureAuthority(
  cluster: Cluster,
  run: string,
  owner: V1OwnerReference,
): Promise<StoredAuthority> {
  const name = authorityName(run);
  const found = await cluster.objects.get<V1Secret>({ apiVersion: 'v1', kind: 'Secret', name });
  if (found) return storedIn(found);
  const token = randomBytes(TOKEN_BYTES).toString('hex');
  const { authority } = await issueRunIdentities({ runId: run, now: new Date(), days: DAYS });
  const values = { token, 'ca.crt': authority.certificatePem, 'ca.key': authority.keyPem };
  const made = await cluster.objects.create(secretOf(name, run, 'coordinator', owner, values));
  // null: another coordinator of the run was faster; its authority is the run's.
  return made ? { token, authority } : ensureAuthority(cluster, run, owner);
}

function storedIn({ metadata, data }: V1Secret): StoredAuthority {
  const read = (key: string) => {
    const value = data?.[key];
    if (value === undefined)
      throw new BagfleetError('cluster-refused', `has no ${key}`, {
        culprit: `Secret ${metadata?.name}`,
        hint: 'Delete it: the next coordinator makes another, and the workers start anew.',
      });
    return Buffer.from(value, 'base64').toString();
  };
  return { token: read('token'), authority: { certificatePem: read('ca.crt'), keyPem: read('ca.key') } };
}

function secretOf(
  name: string,
  run: string,
  role: Role,
  owner: V1OwnerReference,
  stringData: Record<string, string>,
): V1Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, labels: labelsOf(run, role), ownerReferences: [owner] },
    type: 'Opaque',
    stringData,
  };
}
