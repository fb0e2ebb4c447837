/**
 * control/lease.json in the run's folder, read and replaced by compare-and-swap.
 * In: a record and the version that it replaces. Out: the new version's etag, or null if somebody was faster.
 */
import { BagfleetError, type LeaseRecord, leaseSchema, RUN_FILES, SCHEMA_VERSION } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import type { FoundLease } from './lease-rules.js';

/** null when there is none yet. `run`: the run's folder. */
export async function readLease(run: ObjectStore): Promise<FoundLease | null> {
  try {
    const { bytes, etag } = await run.get(RUN_FILES.lease);
    return { record: parsed(run, bytes), etag };
  } catch (thrown) {
    if (codeOf(thrown) === 'store-missing') return null;
    throw thrown;
  }
}

/** `over`: the etag of the version that it replaces, null for none. */
export async function putLease(
  run: ObjectStore,
  record: LeaseRecord,
  over: string | null,
): Promise<string | null> {
  const bytes = new TextEncoder().encode(`${JSON.stringify(record)}\n`);
  try {
    return (await run.put(RUN_FILES.lease, bytes, over === null ? { ifAbsent: true } : { ifMatch: over }))
      .etag;
  } catch (thrown) {
    if (codeOf(thrown) === 'store-conflict') return null;
    throw thrown;
  }
}

export function leaseRecord(token: number, holder: string, address: string | null): LeaseRecord {
  const renewedAt = new Date().toISOString();
  return { schemaVersion: SCHEMA_VERSION, token, holder, address, renewedAt };
}

function parsed(run: ObjectStore, bytes: Uint8Array): LeaseRecord {
  try {
    return leaseSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (cause) {
    throw new BagfleetError('store-conflict', 'it is no lease of this version of bagfleet', {
      culprit: `${run.uri}/${RUN_FILES.lease}`,
      hint: 'See who writes into this folder; if no coordinator of the run lives, delete the file.',
      cause,
    });
  }
}
