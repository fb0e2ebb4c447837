/**
 * The peer service, between workers: calls that the receiver opens and on which the sender streams frames.
 * Pull: an `open` frame as the request; `hello`, then frames until the generation ends.
 * State: an `open` frame as the request; the sender's state in chunks.
 * The receiver opens it because a grpc-js client raises its receive window and a grpc-js server never does.
 */
import type { ServiceDefinition } from '@grpc/grpc-js';
import { type Frame, frameBytes, writeFrame } from './peer-frame.js';

/** Paths of the methods, as HTTP/2 carries them. */
export const PULL_PATH = '/bagfleet.v1.Peer/Pull';
export const STATE_PATH = '/bagfleet.v1.Peer/State';

/** Largest frame in either direction, header included. */
export const MAX_FRAME_BYTES = 16 * 2 ** 20;

const FRAME_STREAM = {
  requestStream: false,
  responseStream: true,
  requestSerialize: frameToBytes,
  requestDeserialize: sameBytes,
  responseSerialize: frameInPlace,
  responseDeserialize: sameBytes,
} as const;

export const peerService = {
  pull: { path: PULL_PATH, ...FRAME_STREAM },
  state: { path: STATE_PATH, ...FRAME_STREAM },
} satisfies ServiceDefinition;

/** A frame as one Buffer. */
export function frameToBytes(frame: Frame): Buffer {
  const bytes = Buffer.allocUnsafe(frameBytes(frame));
  writeFrame(frame, bytes);
  return bytes;
}

/** Frames are read where errors can name the sender, not in gRPC's parser. */
export function sameBytes(bytes: Buffer): Buffer {
  return bytes;
}

/**
 * A frame that writes itself into gRPC's buffer. grpc-js asks a serialised message for `byteLength` and tells
 * it to `copy` itself behind the length prefix; a Buffer would be filled only to be copied again, which took a
 * third of the sender's CPU time. If a later grpc-js asks for anything else, the call fails at its first frame.
 */
function frameInPlace(frame: Frame): Buffer {
  const message: Pick<Buffer, 'byteLength' | 'length'> & { copy(target: Uint8Array, at: number): number } = {
    byteLength: frameBytes(frame),
    length: frameBytes(frame),
    copy(target, at) {
      writeFrame(frame, target, at);
      return frameBytes(frame);
    },
  };
  return message as Buffer;
}
