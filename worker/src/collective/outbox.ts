/**
 * What leaves for one member: the sending end of the stream that it opened to us.
 * In: frames, small ones first in line. Out: bytes on the stream, one frame at a time, no faster than they leave.
 */
import { BagfleetError } from '@bagfleet/proto';
import { FRAME_KINDS, type Frame } from '@bagfleet/proto/grpc/peer-frame';
import { type ServerWritableStream, status } from '@grpc/grpc-js';
import { partingMetadata } from './parting.js';

export type FrameStream = ServerWritableStream<Buffer, Frame>;

interface Item {
  readonly frame: Frame;
  readonly sent: () => void;
}

export class Outbox {
  /** Called once, when the stream breaks before `end`. */
  onLoss: ((error: BagfleetError) => void) | undefined;
  readonly #small: Item[] = [];
  readonly #large: Item[] = [];
  #writing = false;
  #ended = false;
  #loss: BagfleetError | null = null;

  /** `peer` names the receiver in errors. */
  constructor(
    readonly call: FrameStream,
    readonly peer: string,
  ) {
    call.on('cancelled', () => this.#lose('its end of the stream was closed'));
    call.on('error', (error: Error) => this.#lose(error.message));
    call.on('close', () => this.#lose('the stream was closed'));
  }

  get loss(): BagfleetError | null {
    return this.#loss;
  }

  /** `sent` is called once the frame's bytes have left; never, if the stream breaks before. */
  push(frame: Frame, sent: () => void): void {
    if (this.#ended || this.#loss) return;
    const small = frame.header.kind === FRAME_KINDS.exchange || frame.header.kind === FRAME_KINDS.hello;
    (small ? this.#small : this.#large).push({ frame, sent });
    this.#writeNext();
  }

  /** Ends the stream in good order: what was sent before still arrives, then `reason`. */
  end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#small.length = 0;
    this.#large.length = 0;
    if (this.#loss) return;
    this.call.end(partingMetadata(reason));
  }

  /** Breaks the stream, as a lost connection would. */
  sever(): void {
    this.#lose('cut off');
    this.call.emit('error', { code: status.UNAVAILABLE, details: 'cut off' });
  }

  /** gRPC takes a frame's bytes at `write` and calls back when they are through HTTP/2's flow control. */
  #writeNext(): void {
    if (this.#writing || this.#ended || this.#loss) return;
    const item = this.#small.shift() ?? this.#large.shift();
    if (!item) return;
    this.#writing = true;
    this.call.write(item.frame, (error?: Error | null) => {
      this.#writing = false;
      if (error) return this.#lose(error.message);
      item.sent();
      this.#writeNext();
    });
  }

  #lose(why: string): void {
    if (this.#ended || this.#loss) return;
    this.#loss = new BagfleetError('worker-lost', `the stream to it broke: ${why}`, { culprit: this.peer });
    this.onLoss?.(this.#loss);
  }
}
