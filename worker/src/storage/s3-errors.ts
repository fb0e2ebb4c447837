/**
 * What S3 and the way to it say, in bagfleet's words.
 * In: what the SDK threw, the object or bucket that it was about, what was being done.
 * Out: a BagfleetError that names `s3://bucket/key` and what to do.
 */

import type { ErrorCode } from '@bagfleet/proto/errors';
import { BagfleetError } from '@bagfleet/proto/errors';
import { objectMissing } from './store-errors.js';

/** The permission that each call needs, as IAM spells it. */
export type S3Action = 's3:GetObject' | 's3:PutObject' | 's3:DeleteObject' | 's3:ListBucket';

export interface S3Subject {
  readonly bucket: string;
  /** `s3://bucket/key`, or the store itself for listings. */
  readonly uri: string;
  readonly endpoint: string | null;
  readonly action: S3Action;
}

const NO_CREDENTIALS = ['CredentialsProviderError', 'TokenProviderError', 'UnrecognizedClientException'];
const DENIED = [
  'AccessDenied',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'AllAccessDisabled',
  'AccountProblem',
  'RequestTimeTooSkewed',
  'InvalidSecurity',
  'NotSignedUp',
  'Forbidden',
  'Unauthorized',
];
const ELSEWHERE = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'];

/** Facts of an SDK error; none of them is trusted to be there. */
interface Told {
  readonly name: string;
  readonly message: string;
  readonly status: number | null;
  readonly errno: string | null;
}

export function s3Failure(thrown: unknown, subject: S3Subject): BagfleetError {
  if (thrown instanceof BagfleetError) return thrown;
  const told = toldBy(thrown);
  if (told.name === 'NoSuchBucket') return bucketMissing(thrown, subject);
  if (isMissing(thrown)) return objectMissing(subject.uri, thrown);
  const [code, message, hint] = explain(told, subject);
  return new BagfleetError(code, message, { culprit: subject.uri, hint, cause: thrown });
}

/** The condition of a put did not hold; S3 says so with 412, and with 404 where nothing is there to match. */
export function isConditionFailure(thrown: unknown): boolean {
  const { name, status } = toldBy(thrown);
  return status === 412 || name === 'PreconditionFailed';
}

/** S3 could not decide between two conditional writes at the same time: send it again. */
export function isUndecided(thrown: unknown): boolean {
  const { name, status } = toldBy(thrown);
  return name === 'ConditionalRequestConflict' || (status === 409 && name !== 'BucketAlreadyExists');
}

/** No such object (a missing bucket has its own name, but not in answers to HEAD, which have no body). */
export function isMissing(thrown: unknown): boolean {
  const { name, status } = toldBy(thrown);
  return name === 'NoSuchKey' || name === 'NotFound' || (status === 404 && name !== 'NoSuchBucket');
}

/** The range begins at or behind the end of the object. */
export function isRangeBehindEnd(thrown: unknown): boolean {
  const { name, status } = toldBy(thrown);
  return name === 'InvalidRange' || status === 416;
}

/** The answer had begun, so the SDK did not retry; where it did, its error carries `$metadata`. */
export function isBrokenOff(error: unknown): boolean {
  if (!(error instanceof Error) || '$metadata' in error) return false;
  return error.name === 'TimeoutError' || (error as NodeJS.ErrnoException).code === 'ECONNRESET';
}

function explain(
  { name, message, status, errno }: Told,
  subject: S3Subject,
): readonly [ErrorCode, string, string] {
  if (NO_CREDENTIALS.includes(name))
    return [
      'store-denied',
      `no usable credentials (${message})`,
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, name a profile (store.profile), or sign in with `aws sso login`.',
    ];
  if (name.startsWith('KMS.'))
    return [
      'store-denied',
      `its encryption key can't be used (${name})`,
      'Check store.encryption.kmsKeyId and the rights to that key.',
    ];
  if (ELSEWHERE.includes(name) || status === 301)
    return [
      'store-missing',
      `the bucket lies in another region (${name})`,
      'Set store.region to the region of the bucket.',
    ];
  if (DENIED.includes(name) || status === 401 || status === 403)
    return [
      'store-denied',
      `access denied (${name})`,
      `Check that the credentials are right and allow ${subject.action} there.`,
    ];
  if (/^Region is missing/.test(message))
    return [
      'store-denied',
      'no region is known for this bucket',
      'Set store.region, AWS_REGION, or a region in the profile.',
    ];
  const where = subject.endpoint ?? 'Amazon S3';
  if (errno !== null || name === 'TimeoutError' || (status !== null && status >= 500) || status === 429)
    return [
      'store-unavailable',
      `no proper answer from ${where} (${errno ?? name}: ${message})`,
      'Check that the server runs, that store.endpoint is right, and the network between.',
    ];
  return [
    'store-unavailable',
    `${where} refused the request (${name}: ${message})`,
    'If the request looks right, the server may lack a feature that bagfleet needs.',
  ];
}

function bucketMissing(thrown: unknown, { bucket }: S3Subject): BagfleetError {
  return new BagfleetError('store-missing', 'there is no such bucket', {
    culprit: `s3://${bucket}`,
    hint: 'Check its name, or create it first.',
    cause: thrown,
  });
}

function toldBy(thrown: unknown): Told {
  const error = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as {
    name?: unknown;
    message?: unknown;
    code?: unknown;
    $metadata?: { httpStatusCode?: unknown };
  };
  const status = error.$metadata?.httpStatusCode;
  return {
    name: String(error.name ?? 'Error'),
    message: String(error.message ?? thrown),
    status: typeof status === 'number' ? status : null,
    errno: typeof error.code === 'string' ? error.code : null,
  };
}
