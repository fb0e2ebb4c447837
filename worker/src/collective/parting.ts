/**
 * Last words: what the end of a peer stream says about why it ended.
 * In: a reason or a refusal. Out: gRPC metadata, and back; metadata is plain ASCII, so words travel as base64.
 */
import { BagfleetError } from '@bagfleet/proto';
import { Metadata, type StatusObject, status } from '@grpc/grpc-js';

/** Why a member closed its streams. */
const REASON_KEY = 'bagfleet-reason';
/** Why a caller was not admitted: a BagfleetError as JSON. */
const REFUSAL_KEY = 'bagfleet-refusal';

const LONGEST_REASON = 500;

export function partingMetadata(reason: string): Metadata {
  return withText(REASON_KEY, reason.slice(0, LONGEST_REASON));
}

/** null if the stream ended without a word. */
export function reasonOf(metadata: Metadata): string | null {
  return textOf(metadata, REASON_KEY);
}

/** A refusal as the status that ends the call. */
export function refusalStatus(error: BagfleetError): Error & Partial<StatusObject> {
  const code = error.code === 'peer-refused' ? status.PERMISSION_DENIED : status.FAILED_PRECONDITION;
  const metadata = withText(REFUSAL_KEY, JSON.stringify(error.toJSON()));
  return Object.assign(new Error(error.message), { code, details: error.code, metadata });
}

/** The refusal in a call's last metadata; null if the call ended for another reason. */
export function refusalOf(metadata: Metadata): BagfleetError | null {
  const json = textOf(metadata, REFUSAL_KEY);
  try {
    return json === null ? null : BagfleetError.fromJSON(JSON.parse(json));
  } catch {
    return null;
  }
}

function withText(key: string, text: string): Metadata {
  const metadata = new Metadata();
  metadata.set(key, Buffer.from(text).toString('base64'));
  return metadata;
}

function textOf(metadata: Metadata, key: string): string | null {
  const value = metadata.get(key)[0];
  return typeof value === 'string' ? Buffer.from(value, 'base64').toString() : null;
}
