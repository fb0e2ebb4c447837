/**
 * A member's state, streamed to one that lags behind.
 * In: an offer (what it is, and its bytes as they lie) and a stream that the other opened. Out: the offer in
 * chunks, no faster than they leave. The owner changes nothing of it while the offer stands; if it must, it
 * withdraws the offer, and a stream under way breaks.
 */
import { BagfleetError, SCHEMA_VERSION } from '@bagfleet/proto';
import { FRAME_KINDS, type Frame } from '@bagfleet/proto/grpc/peer-frame';
import type { Faults } from '../faults/faults.js';
import type { Generation } from './generation.js';
import type { FrameStream } from './outbox.js';
import { refusalStatus } from './parting.js';

export const CHUNK_BYTES = 2 ** 20;

export interface StateOffer {
  readonly generation: Generation;
  readonly rank: number;
  /** What the buffers are: JSON of whoever made the offer, at most 16 MiB. */
  readonly head: Uint8Array;
  readonly buffers: readonly Uint8Array[];
}

/** Streams while `current()` is this offer. */
export async function streamOffer(
  call: FrameStream,
  offer: StateOffer,
  current: () => StateOffer | null,
  faults: Faults,
): Promise<void> {
  let segment = 0;
  for (const payload of chunksOf(offer)) {
    if (call.cancelled) return;
    if (current() !== offer) {
      call.emit('error', refusalStatus(new BagfleetError('cancelled', 'the state has moved on')));
      return;
    }
    if (!faults.drops('peer.state')) await write(call, frameOf(offer, segment, payload));
    if (segment++ === 1) await faults.at('donate', { epoch: 0, step: 0 });
  }
  call.end();
}

function* chunksOf({ head, buffers }: StateOffer): Iterable<Uint8Array> {
  yield head;
  for (const buffer of buffers)
    for (let at = 0; at < buffer.byteLength; at += CHUNK_BYTES) yield buffer.subarray(at, at + CHUNK_BYTES);
}

/** Resolves when the frame is through HTTP/2's flow control, or the stream is gone. */
function write(call: FrameStream, frame: Frame): Promise<void> {
  return new Promise((resolve) => {
    call.once('close', resolve);
    call.write(frame, () => {
      call.off('close', resolve);
      resolve();
    });
  });
}

function frameOf({ generation, rank }: StateOffer, segment: number, payload: Uint8Array): Frame {
  const header = {
    version: SCHEMA_VERSION,
    kind: FRAME_KINDS.state,
    sender: rank,
    coordinator: generation.coordinator,
    generation: generation.number,
    operation: 0,
    epoch: 0,
    step: 0,
    entries: 0,
    segment,
    label: 0,
  };
  return { header, payload };
}
