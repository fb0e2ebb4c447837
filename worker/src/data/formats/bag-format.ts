/**
 * The format port: what a reader of one file format must do. One file per format, one contract suite for all.
 */
import type { BagContent, FeatureType } from '../bag.js';
import type { BagFile } from '../bag-file.js';

/** An object's bytes, wherever they lie: in memory, or in a store that is asked for ranges. */
export interface ByteSource {
  /** Length of the whole object. */
  readonly bytes: number;
  /** Exactly `length` bytes from `start`, a view or a copy; whoever asks stays within the object. */
  read(start: number, length: number): Promise<Uint8Array>;
}

/** What a file holds, known from its headers alone: nothing of the size of its values was read or allocated. */
export interface FileHeader {
  /** May be 0, which the caller refuses. */
  readonly instances: number;
  /** Without the instances: [features] or [height, width, channels]. */
  readonly instanceShape: readonly number[];
  readonly type: FeatureType;
  readonly hasCoords: boolean;
  readonly hasInstanceLabels: boolean;
  readonly hasEdges: boolean;
}

export interface OpenedFile {
  readonly header: FileHeader;
  /**
   * The values. The caller has compared the header with the manifest before, so that a false header allocates
   * nothing. Long work gives others their turn, and ends with the signal.
   */
  decode(signal?: AbortSignal): Promise<BagContent>;
}

/**
 * Errors, all by bagError with bag and file: `bag-truncated` (the file ends too early), `bag-format` (it is not
 * what it claims, a type that is not read, a code that must not run), `bag-width`. Never another error and never
 * memory beyond a small multiple of what the header rightly claims, whatever the bytes are.
 */
export interface BagFormat {
  readonly name: string;
  /** Of the keys that it reads, in lower case: `.npy`. */
  readonly suffixes: readonly string[];
  open(source: ByteSource, file: BagFile): Promise<OpenedFile>;
}
