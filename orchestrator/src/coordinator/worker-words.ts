/**
 * What a worker's message means to the core: a translation, no decision.
 * In: a message of a welcomed worker, or a join. Out: a core event, or null for what the journal alone wants.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { Entered, Generation, Join } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { fromFailure } from '@bagfleet/proto/grpc/failure-message';
import type { CoreEvent, GenerationId, Standing } from './core/core-types.js';
import type { WorkerMessage } from './session.js';

export type JoinedEvent = Extract<CoreEvent, { kind: 'joined' }>;

export function joinedEvent(join: Join): JoinedEvent {
  return {
    kind: 'joined',
    worker: join.workerId,
    incarnation: join.incarnation,
    fingerprint: join.fingerprintDigest,
    standing: standingOf(join),
  };
}

export function eventOf(worker: string, message: WorkerMessage): CoreEvent | null {
  switch (message.case) {
    case 'ready': {
      const { peerAddress, probeDigest } = message.value;
      return { kind: 'ready', worker, address: peerAddress, probe: probeDigest };
    }
    case 'heartbeat': {
      const { phase, epoch, step } = message.value;
      return { kind: 'heard', worker, doing: { phase, epoch, step } };
    }
    case 'rows':
      return { kind: 'heard', worker, doing: null };
    case 'entered': {
      const { generation, step } = message.value;
      return { kind: 'entered', worker, generation: generationId(generation), step: Number(step) };
    }
    case 'broken': {
      const { generation, failure, suspects } = message.value;
      const error = failure ? fromFailure(failure) : new BagfleetError('worker-lost', 'gave no reason');
      return { kind: 'broken', worker, generation: generationId(generation), error, suspects };
    }
    case 'finished': {
      const { generation, stateDigest } = message.value;
      return { kind: 'finished', worker, generation: generationId(generation), stateDigest };
    }
    case 'failed':
      return { kind: 'failed', worker, error: fromFailure(message.value) };
    case 'leaving':
      return { kind: 'leaving', worker, reason: message.value.reason };
    case 'kept':
      return { kind: 'kept', worker, step: Number(message.value.step) };
    default:
      return null;
  }
}

/** For events.jsonl: what it cost a worker to come into a generation. */
export function entryWords({ generation, step, pulledBytes, pullMs, restedMs }: Entered): string {
  const { lease, number } = generationId(generation);
  const pulled = pulledBytes === 0n ? '' : `, pulled ${pulledBytes} bytes in ${Math.round(pullMs)} ms`;
  return `entered generation ${lease}.${number} at step ${step}${pulled}, rested ${Math.round(restedMs)} ms`;
}

function standingOf({ standing }: Join): Standing | null {
  if (!standing) return null;
  const { generation, members, broken } = standing;
  return { generation: generationId(generation), members, broken };
}

/** A message without a generation names none that ever was. */
function generationId(generation: Generation | undefined): GenerationId {
  return { lease: generation?.lease ?? 0, number: generation?.number ?? 0 };
}
