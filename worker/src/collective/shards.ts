/**
 * Where the shards and segments of a flat buffer lie: index arithmetic and nothing else.
 * In: entries, members, entries per segment. Out: ranges of entries.
 *
 * Shard j belongs to the member of rank j and is entries ⌊j·length/N⌋ … ⌊(j+1)·length/N⌋ - 1: sizes differ by
 * one at most, and a shard is empty where there are fewer entries than members. A shard is cut into segments
 * of `segmentEntries`, the last one shorter.
 */

/** 512 KiB of 32-bit entries: large enough to hide gRPC's cost per message, small enough to overlap. */
export const SEGMENT_ENTRIES = 131_072;

/** Entries from `start` up to, not including, `end`. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

export class Shards {
  constructor(
    readonly length: number,
    readonly members: number,
    readonly segmentEntries: number = SEGMENT_ENTRIES,
  ) {}

  shard(rank: number): Range {
    return { start: this.#boundary(rank), end: this.#boundary(rank + 1) };
  }

  /** Segments of a shard; 0 if it is empty. */
  segments(rank: number): number {
    const { start, end } = this.shard(rank);
    return Math.ceil((end - start) / this.segmentEntries);
  }

  segment(rank: number, index: number): Range {
    const shard = this.shard(rank);
    const start = shard.start + index * this.segmentEntries;
    return { start, end: Math.min(shard.end, start + this.segmentEntries) };
  }

  /** Exact while length · members < 2^53. */
  #boundary(rank: number): number {
    return Math.floor((rank * this.length) / this.members);
  }
}
