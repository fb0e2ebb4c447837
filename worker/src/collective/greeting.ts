/**
 * The two frames that open a stream: `open` asks to be heard, `hello` admits.
 * In: who speaks, in which generation. Out: a frame whose payload is the speaker's worker id.
 */
import { SCHEMA_VERSION } from '@bagfleet/proto';
import { FRAME_KINDS, type Frame } from '@bagfleet/proto/grpc/peer-frame';
import type { Generation } from './generation.js';

export function greeting(kind: 'open' | 'hello', sender: number, id: string, generation: Generation): Frame {
  return {
    header: {
      version: SCHEMA_VERSION,
      kind: FRAME_KINDS[kind],
      sender,
      coordinator: generation.coordinator,
      generation: generation.number,
      operation: 0,
      epoch: 0,
      step: 0,
      entries: 0,
      segment: 0,
      label: 0,
    },
    payload: Buffer.from(id),
  };
}

/** The worker id that a greeting carries. */
export function idIn(frame: Frame): string {
  return Buffer.from(frame.payload).toString();
}
