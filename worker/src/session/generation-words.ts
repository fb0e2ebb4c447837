/**
 * What a worker says of a generation, as messages of the session.
 */
import type { BagfleetError } from '@bagfleet/proto';
import {
  BrokenSchema,
  EnteredSchema,
  FinishedSchema,
  KeptSchema,
  type SessionRequest,
  type Standing,
  StandingSchema,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { toFailure } from '@bagfleet/proto/grpc/failure-message';
import { create } from '@bufbuild/protobuf';
import { stateDigest } from '../checkpoint/state-digest.js';
import type { Member } from '../collective/generation.js';
import type { TrainingState } from '../train/training-state.js';
import type { GenerationId } from './generation-gate.js';

type Word = SessionRequest['message'];

export function enteredWord(
  generation: GenerationId,
  { progress }: TrainingState,
  took: { readonly pulledBytes: number; readonly pullMs: number; readonly restedMs: number },
): Word {
  const { pullMs, restedMs } = took;
  const pulledBytes = BigInt(took.pulledBytes);
  const value = create(EnteredSchema, {
    generation,
    step: BigInt(progress.step),
    pulledBytes,
    pullMs,
    restedMs,
  });
  return { case: 'entered', value };
}

export function brokenWord(
  generation: GenerationId,
  error: BagfleetError,
  suspects: readonly string[],
): Word {
  const value = create(BrokenSchema, { generation, failure: toFailure(error), suspects: [...suspects] });
  return { case: 'broken', value };
}

export function finishedWord(generation: GenerationId, state: TrainingState): Word {
  const step = BigInt(state.progress.step);
  return {
    case: 'finished',
    value: create(FinishedSchema, { step, stateDigest: stateDigest(state), generation }),
  };
}

export function keptWord(step: number): Word {
  return { case: 'kept', value: create(KeptSchema, { step: BigInt(step) }) };
}

export function standingWord(
  generation: GenerationId,
  members: readonly Member[],
  broken: boolean,
): Standing {
  return create(StandingSchema, { generation, members: members.map(({ id }) => id), broken });
}
