/**
 * The sharded all-reduce: reduce-scatter, then all-gather, pipelined by segments.
 * In: one's own values, in place. Out: the sum over all members, in place.
 *
 * Units: a buffer of L 4-byte entries, N members, shards of L/N entries, segments within shards.
 *   1. Member r sends its values of shard j to member j:     N-1 shards out, N-1 shards in.
 *   2. Member r adds what arrives for shard r; when the last of the N-1 contributions to a segment is in, it
 *      sends that segment's sum to all others:               N-1 shards out, N-1 shards in.
 * Each member sends and receives 2·4L·(N-1)/N bytes, in two hops; the phases of different segments overlap.
 * The buffer serves as accumulator and destination: a foreign shard is overwritten with its sum only after its
 * owner had our values, and one's own shard rests once a segment's sum is out.
 */
import { FRAME_KINDS, type Frame, type FrameKind } from '@bagfleet/proto/grpc/peer-frame';
import { type Awaited, othersOf, type Parcel, type Round, UnfitFrame } from './round.js';
import { Float32Sums, Int32Sums, type SegmentSums } from './segment-sums.js';
import { type Range, SEGMENT_ENTRIES, Shards } from './shards.js';

const ENTRY_BYTES = 4;

interface Kinds {
  readonly contribution: FrameKind;
  readonly sum: FrameKind;
}
const INT32_KINDS: Kinds = { contribution: FRAME_KINDS.contribution, sum: FRAME_KINDS.sum };
const FLOAT32_KINDS: Kinds = { contribution: FRAME_KINDS.floatContribution, sum: FRAME_KINDS.floatSum };

export class SumRound implements Round {
  readonly entries: number;
  readonly #shards: Shards;
  readonly #bytes: Uint8Array;
  /** Next segment expected from each rank: of our shard, and of theirs. */
  readonly #contributed: number[];
  readonly #summed: number[];

  private constructor(
    readonly rank: number,
    readonly size: number,
    data: Int32Array | Float32Array,
    segmentEntries: number,
    readonly kinds: Kinds,
    readonly sums: SegmentSums,
  ) {
    this.entries = data.length;
    this.#shards = new Shards(data.length, size, segmentEntries);
    this.#bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#contributed = new Array<number>(size).fill(0);
    this.#summed = new Array<number>(size).fill(0);
  }

  static ofInt32(rank: number, size: number, data: Int32Array, segmentEntries = SEGMENT_ENTRIES): SumRound {
    return new SumRound(rank, size, data, segmentEntries, INT32_KINDS, new Int32Sums(data, size));
  }

  static ofFloat32(
    rank: number,
    size: number,
    data: Float32Array,
    segmentEntries = SEGMENT_ENTRIES,
  ): SumRound {
    return new SumRound(rank, size, data, segmentEntries, FLOAT32_KINDS, new Float32Sums(data, rank, size));
  }

  /** Our values of every foreign shard, segment by segment, so that all owners get their first one early. */
  begin(): Parcel[] {
    const others = othersOf(this.rank, this.size);
    const most = Math.max(0, ...others.map((to) => this.#shards.segments(to)));
    const parcels: Parcel[] = [];
    for (let segment = 0; segment < most; segment++)
      for (const to of others)
        if (segment < this.#shards.segments(to))
          parcels.push({
            to,
            kind: this.kinds.contribution,
            segment,
            payload: this.#view(this.#shards.segment(to, segment)),
          });
    return parcels;
  }

  accept(sender: number, { header, payload }: Frame): Parcel[] {
    if (header.entries !== this.entries)
      throw new UnfitFrame(`sums ${header.entries} entries where this worker sums ${this.entries}`);
    if (header.kind === this.kinds.contribution)
      return this.#addContribution(sender, header.segment, payload);
    if (header.kind === this.kinds.sum) return this.#storeSum(sender, header.segment, payload);
    throw new UnfitFrame('calls another method of the collective than this worker');
  }

  awaited(sender: number): Awaited | null {
    if (this.#contributed[sender] < this.#shards.segments(this.rank))
      return { what: 'its values (reduce-scatter)', needsNobody: true };
    if (this.#summed[sender] < this.#shards.segments(sender))
      return { what: 'its sums (all-gather)', needsNobody: false };
    return null;
  }

  #addContribution(sender: number, segment: number, payload: Uint8Array): Parcel[] {
    const range = this.#expect(this.rank, this.#contributed, sender, segment, payload);
    if (!this.sums.add(sender, range, payload)) return [];
    const sum = this.#view(range);
    return othersOf(this.rank, this.size).map((to) => ({ to, kind: this.kinds.sum, segment, payload: sum }));
  }

  #storeSum(sender: number, segment: number, payload: Uint8Array): Parcel[] {
    const range = this.#expect(sender, this.#summed, sender, segment, payload);
    this.#bytes.set(payload, range.start * ENTRY_BYTES);
    return [];
  }

  /** Segments of one sender come in order, each once, each whole. */
  #expect(shard: number, next: number[], sender: number, segment: number, payload: Uint8Array): Range {
    const range = this.#shards.segment(shard, segment);
    const bytes = (range.end - range.start) * ENTRY_BYTES;
    if (segment !== next[sender] || bytes <= 0 || payload.byteLength !== bytes)
      throw new UnfitFrame(
        `sent segment ${segment} of ${payload.byteLength} bytes where segment ${next[sender]} was due`,
      );
    next[sender]++;
    return range;
  }

  #view({ start, end }: Range): Uint8Array {
    return this.#bytes.subarray(start * ENTRY_BYTES, end * ENTRY_BYTES);
  }
}
