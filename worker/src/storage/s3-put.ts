/**
 * A put with a condition, told truthfully.
 * In: the request and its condition. Out: the etag of the object, or `store-conflict`.
 *
 * When the answer to a put gets lost, the SDK sends it again, and the second one meets the first one's object:
 * S3 says 412 to a writer that has won. So each conditional put carries a nonce in the object's metadata, and
 * after a 412 the object is asked whose it is.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PutObjectCommandInput, S3Client } from '@aws-sdk/client-s3';
import { HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { PutCondition } from './object-store.js';
import { isConditionFailure, isMissing, isUndecided } from './s3-errors.js';
import { conditionFailed } from './store-errors.js';
import type { StoreAccess } from './store-uri.js';

const NONCE = 'bagfleet-put';
const UNDECIDED_ATTEMPTS = 10;

export async function conditionalPut(
  client: S3Client,
  input: PutObjectCommandInput,
  condition: PutCondition,
  uri: string,
  abortSignal: AbortSignal,
): Promise<string> {
  if (condition.ifAbsent === undefined && condition.ifMatch === undefined)
    return (await client.send(new PutObjectCommand(input), { abortSignal })).ETag ?? '';
  const nonce = randomUUID();
  const command = {
    ...input,
    Metadata: { [NONCE]: nonce },
    ...(condition.ifAbsent ? { IfNoneMatch: '*' } : {}),
    ...(condition.ifMatch === undefined ? {} : { IfMatch: condition.ifMatch }),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      return (await client.send(new PutObjectCommand(command), { abortSignal })).ETag ?? '';
    } catch (error) {
      const lost = isConditionFailure(error) || (condition.ifMatch !== undefined && isMissing(error));
      if (lost)
        return await settle(client, input, nonce, abortSignal, conditionFailed(uri, condition, error));
      if (!isUndecided(error) || attempt === UNDECIDED_ATTEMPTS) throw error;
      await sleep(20 * attempt * Math.random(), undefined, { signal: abortSignal });
    }
  }
}

/** The etag of the object that is there, if it is ours; throws `refusal` if it is not. */
async function settle(
  client: S3Client,
  { Bucket, Key, ExpectedBucketOwner }: PutObjectCommandInput,
  nonce: string,
  abortSignal: AbortSignal,
  refusal: Error,
): Promise<string> {
  try {
    const found = await client.send(new HeadObjectCommand({ Bucket, Key, ExpectedBucketOwner }), {
      abortSignal,
    });
    if (found.Metadata?.[NONCE] === nonce) return found.ETag ?? '';
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  throw refusal;
}

/** What a put asks for, as the job's store options say it. */
export function encryptionOf({ encryption }: Pick<StoreAccess, 'encryption'>): {
  ServerSideEncryption?: 'AES256' | 'aws:kms';
  SSEKMSKeyId?: string;
} {
  if (encryption === 'none') return {};
  if (encryption === 'sse-s3') return { ServerSideEncryption: 'AES256' };
  return { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: encryption.kmsKeyId };
}
