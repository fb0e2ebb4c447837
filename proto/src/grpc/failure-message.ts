/** BagfleetError to and from its message on the wire. */
import { create } from '@bufbuild/protobuf';
import { BagfleetError } from '../errors.js';
import { type Failure, FailureSchema } from '../gen/bagfleet/v1/coordinator_pb.js';

export function toFailure(thrown: unknown): Failure {
  const error = BagfleetError.from(thrown);
  const stack = error.code === 'bug' && error.cause instanceof Error ? error.cause.stack : undefined;
  return create(FailureSchema, {
    code: error.code,
    culprit: error.culprit ?? '',
    message: stack ?? error.message,
    hint: error.hint ?? '',
  });
}

export function fromFailure(failure: Failure): BagfleetError {
  return BagfleetError.fromJSON({
    code: failure.code,
    message: failure.message,
    ...(failure.culprit ? { culprit: failure.culprit } : {}),
    ...(failure.hint ? { hint: failure.hint } : {}),
  });
}
