/**
 * The errors that both stores raise in the same words.
 * In: the object or store as people see it (`s3://bucket/key`, a path). Out: a BagfleetError that names it.
 */
import { BagfleetError } from '@bagfleet/proto/errors';

/** `store-missing`: there is no object under this URI. */
export function objectMissing(uri: string, cause?: unknown): BagfleetError {
  return new BagfleetError('store-missing', 'there is no such object', {
    culprit: uri,
    hint: 'Check the address, and that whatever writes it has run.',
    cause,
  });
}

/** `store-conflict`: the condition of a put did not hold; who lost the race reads again and decides. */
export function conditionFailed(
  uri: string,
  condition: { readonly ifMatch?: string },
  cause?: unknown,
): BagfleetError {
  const message =
    condition.ifMatch === undefined
      ? 'the object is there already'
      : 'the object has changed since it was read';
  return new BagfleetError('store-conflict', message, {
    culprit: uri,
    hint: 'Another process wrote it; see who else works on this run.',
    cause,
  });
}

/** `store-unavailable`: the object has only so many bytes, and more were asked for. */
export function endsEarly(uri: string, bytes: number): BagfleetError {
  return new BagfleetError('store-unavailable', `it ends after ${bytes} bytes`, {
    culprit: uri,
    hint: 'It was cut, or it is not the object that was meant.',
  });
}

/** The code of a BagfleetError, null for anything else that was thrown. */
export function codeOf(thrown: unknown): string | null {
  return thrown instanceof BagfleetError ? thrown.code : null;
}
