/**
 * The two events that a scalar log is made of, as protobuf.
 * In: wall time, step, tags and values. Out: bytes of tensorflow.Event
 * (tensorflow/core/util/event.proto, tensorflow/core/framework/summary.proto; numbers below are its fields).
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 } as const;
const SUMMARY = { value: 1 } as const;
const VALUE = { tag: 1, simpleValue: 2 } as const;

export interface Scalar {
  readonly tag: string;
  /** Kept as float32. */
  readonly value: number;
}

/** The first event of each file. `wallTime` in seconds since 1970. */
export function versionEvent(wallTime: number): Uint8Array {
  return new BinaryWriter()
    .tag(EVENT.wallTime, WireType.Bit64)
    .double(wallTime)
    .tag(EVENT.fileVersion, WireType.LengthDelimited)
    .string('brain.Event:2')
    .finish();
}

export function scalarEvent(wallTime: number, step: number, scalars: readonly Scalar[]): Uint8Array {
  const writer = new BinaryWriter()
    .tag(EVENT.wallTime, WireType.Bit64)
    .double(wallTime)
    .tag(EVENT.step, WireType.Varint)
    .int64(step)
    .tag(EVENT.summary, WireType.LengthDelimited)
    .fork();
  for (const { tag, value } of scalars)
    writer
      .tag(SUMMARY.value, WireType.LengthDelimited)
      .fork()
      .tag(VALUE.tag, WireType.LengthDelimited)
      .string(tag)
      .tag(VALUE.simpleValue, WireType.Bit32)
      .float(value)
      .join();
  return writer.join().finish();
}
