/** Answers of S3 that the test servers do not give by themselves, as the SDK throws them. */
import assert from 'node:assert/strict';
import { BagfleetError } from '@bagfleet/proto/errors';
import { isConditionFailure, isMissing, isUndecided, s3Failure } from '@bagfleet/worker/storage/s3-errors';

const subject = { bucket: 'bags', uri: 's3://bags/k', endpoint: null, action: 's3:PutObject' } as const;
const thrown = (name: string, status?: number, code?: string) =>
  Object.assign(new Error(`${name} happened`), { name, code, $metadata: { httpStatusCode: status } });

describe('S3 failures', () => {
  const table = [
    [thrown('NoSuchKey', 404), 'store-missing', 's3://bags/k'],
    [thrown('NotFound', 404), 'store-missing', 's3://bags/k'],
    [thrown('NoSuchBucket', 404), 'store-missing', 's3://bags'],
    [thrown('PermanentRedirect', 301), 'store-missing', 's3://bags/k'],
    [thrown('AuthorizationHeaderMalformed', 400), 'store-missing', 's3://bags/k'],
    [thrown('AccessDenied', 403), 'store-denied', 's3://bags/k'],
    [thrown('UnknownError', 403), 'store-denied', 's3://bags/k'],
    [thrown('InvalidAccessKeyId', 403), 'store-denied', 's3://bags/k'],
    [thrown('SignatureDoesNotMatch', 403), 'store-denied', 's3://bags/k'],
    [thrown('ExpiredToken', 400), 'store-denied', 's3://bags/k'],
    [thrown('CredentialsProviderError'), 'store-denied', 's3://bags/k'],
    [thrown('KMS.NotFoundException', 400), 'store-denied', 's3://bags/k'],
    [thrown('TimeoutError'), 'store-unavailable', 's3://bags/k'],
    [thrown('Error', undefined, 'ENOTFOUND'), 'store-unavailable', 's3://bags/k'],
    [thrown('Error', undefined, 'CERT_HAS_EXPIRED'), 'store-unavailable', 's3://bags/k'],
    [thrown('SlowDown', 503), 'store-unavailable', 's3://bags/k'],
    [thrown('NotImplemented', 501), 'store-unavailable', 's3://bags/k'],
    [thrown('EntityTooLarge', 400), 'store-unavailable', 's3://bags/k'],
  ] as const;

  for (const [error, code, culprit] of table)
    it(`${error.name} ${error.code ?? error.$metadata.httpStatusCode ?? ''} is ${code}`, () => {
      const failure = s3Failure(error, subject);
      assert.equal(failure.code, code);
      assert.equal(failure.culprit, culprit);
      assert.ok(failure.hint);
      assert.equal(failure.cause, error);
    });

  it('pass on what is a BagfleetError already', () => {
    const error = new BagfleetError('store-conflict', 'x');
    assert.equal(s3Failure(error, subject), error);
  });

  it('tell lost races from undecided ones and from missing objects', () => {
    assert.deepEqual(
      [412, 409, 404].map((status) => isConditionFailure(thrown('UnknownError', status))),
      [true, false, false],
    );
    assert.deepEqual(
      [412, 409, 404].map((status) => isUndecided(thrown('UnknownError', status))),
      [false, true, false],
    );
    assert.equal(isMissing(thrown('NoSuchBucket', 404)), false);
  });
});
