/**
 * The frame of the peer service: a fixed header, then raw payload bytes. Protobuf would copy each payload
 * twice more and hand it back unaligned, so gradients travel without it.
 * In: header fields and payload. Out: bytes, and back; who may say what is decided by the worker.
 *
 *   at  type  field            at  type  field
 *    0  u16   magic            24  u32   entries of the whole buffer
 *    2  u16   schema version   28  u32   segment within the shard
 *    4  u32   coordinator      32  u32   label (FNV-1a of the phase's name)
 *    8  u32   generation       36  u16   sender's rank
 *   12  u32   operation        38  u8    kind
 *   16  u32   epoch            39  u32   payload bytes
 *   20  u32   step             43        payload
 *
 * All little-endian. Magic and version stay where they are in every version to come.
 * 43 bytes and gRPC's own prefix of 5 make 48: in the buffers that grpc-js hands out, the payload is then
 * aligned for 32-bit views. A reader that finds it unaligned copies it.
 */
import { BagfleetError } from '../errors.js';
import { SCHEMA_VERSION } from '../schema-version.js';

export const HEADER_BYTES = 43;
const MAGIC = 0x7462;

/** Kinds of frames; the numbers are the wire's. */
export const FRAME_KINDS = {
  /** Caller → server, the request: who calls; the payload is the caller's worker id. */
  open: 1,
  /** Server → caller, first on the stream: admitted; the payload is the server's worker id. */
  hello: 2,
  /** A whole small message. */
  exchange: 3,
  /** A segment of the sender's own int32 values, for the shard of the receiver. */
  contribution: 4,
  /** A segment of the sender's shard, summed. */
  sum: 5,
  /** The same two for float32. */
  floatContribution: 6,
  floatSum: 7,
  /** A chunk of a member's state, for one that lags behind: first what it is, as JSON, then its bytes. */
  state: 8,
} as const;
export type FrameKind = (typeof FRAME_KINDS)[keyof typeof FRAME_KINDS];

/** All fields are unsigned 32-bit integers, but `sender` (16 bits) and `kind`. */
export interface FrameHeader {
  readonly version: number;
  readonly kind: FrameKind;
  readonly sender: number;
  /** The lease of the coordinator that made the generation; grows when another coordinator takes over. */
  readonly coordinator: number;
  readonly generation: number;
  /** Counts the calls of one generation: the same call has the same number on every member. */
  readonly operation: number;
  readonly epoch: number;
  readonly step: number;
  readonly entries: number;
  readonly segment: number;
  readonly label: number;
}

export interface Frame {
  readonly header: FrameHeader;
  readonly payload: Uint8Array;
}

/** Bytes of the frame as gRPC carries it. */
export function frameBytes(frame: Frame): number {
  return HEADER_BYTES + frame.payload.byteLength;
}

/** Writes the frame into `target` from byte `at` on; there must be room for `frameBytes(frame)`. */
export function writeFrame(frame: Frame, target: Uint8Array, at = 0): void {
  const { header, payload } = frame;
  const view = new DataView(target.buffer, target.byteOffset + at, HEADER_BYTES);
  view.setUint16(0, MAGIC, true);
  view.setUint16(2, header.version, true);
  view.setUint32(4, header.coordinator, true);
  view.setUint32(8, header.generation, true);
  view.setUint32(12, header.operation, true);
  view.setUint32(16, header.epoch, true);
  view.setUint32(20, header.step, true);
  view.setUint32(24, header.entries, true);
  view.setUint32(28, header.segment, true);
  view.setUint32(32, header.label, true);
  view.setUint16(36, header.sender, true);
  view.setUint8(38, header.kind);
  view.setUint32(39, payload.byteLength, true);
  target.set(payload, at + HEADER_BYTES);
}

/**
 * Reads a frame; the payload is a view of `bytes`, not a copy. `from` names the sender in errors.
 * Errors: `peer-incompatible` for another schema version and for bytes that are no frame.
 */
export function readFrame(bytes: Uint8Array, from: string): Frame {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 4 || view.getUint16(0, true) !== MAGIC)
    throw incompatible(from, `sent ${bytes.byteLength} bytes that are no frame of a bagfleet worker`);
  const version = view.getUint16(2, true);
  if (version !== SCHEMA_VERSION)
    throw incompatible(from, `speaks schema version ${version}, this worker speaks ${SCHEMA_VERSION}`);
  if (bytes.byteLength < HEADER_BYTES || view.getUint32(39, true) !== bytes.byteLength - HEADER_BYTES)
    throw incompatible(from, `sent a frame of ${bytes.byteLength} bytes that is cut short or too long`);
  const header: FrameHeader = {
    version,
    kind: kindOf(view.getUint8(38), from),
    sender: view.getUint16(36, true),
    coordinator: view.getUint32(4, true),
    generation: view.getUint32(8, true),
    operation: view.getUint32(12, true),
    epoch: view.getUint32(16, true),
    step: view.getUint32(20, true),
    entries: view.getUint32(24, true),
    segment: view.getUint32(28, true),
    label: view.getUint32(32, true),
  };
  return { header, payload: bytes.subarray(HEADER_BYTES) };
}

function kindOf(byte: number, from: string): FrameKind {
  const kind = Object.values(FRAME_KINDS).find((known) => known === byte);
  if (kind === undefined) throw incompatible(from, `sent a frame of unknown kind ${byte}`);
  return kind;
}

function incompatible(from: string, message: string): BagfleetError {
  return new BagfleetError('peer-incompatible', message, {
    culprit: from,
    hint: 'Run the same version of bagfleet on every worker.',
  });
}
