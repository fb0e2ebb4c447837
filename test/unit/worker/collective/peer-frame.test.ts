import assert from 'node:assert/strict';
import { SCHEMA_VERSION } from '@bagfleet/proto';
import {
  FRAME_KINDS,
  type Frame,
  frameBytes,
  HEADER_BYTES,
  readFrame,
  writeFrame,
} from '@bagfleet/proto/grpc/peer-frame';
import { peerService } from '@bagfleet/proto/grpc/peer-service';
import fc from 'fast-check';

const u32 = fc.nat(2 ** 32 - 1);
const plain = { noNullPrototype: true };
const anyFrame: fc.Arbitrary<Frame> = fc.record(
  {
    header: fc.record(
      {
        version: fc.constant(SCHEMA_VERSION),
        kind: fc.constantFrom(...Object.values(FRAME_KINDS)),
        sender: fc.nat(65_535),
        coordinator: u32,
        generation: u32,
        operation: u32,
        epoch: u32,
        step: u32,
        entries: u32,
        segment: u32,
        label: u32,
      },
      plain,
    ),
    payload: fc.uint8Array({ maxLength: 300 }),
  },
  plain,
);

function bytesOf(frame: Frame, offset = 0): Uint8Array {
  const bytes = new Uint8Array(offset + frameBytes(frame));
  writeFrame(frame, bytes, offset);
  return bytes.subarray(offset);
}

describe('peer frames', () => {
  it('are read back as they were written, at any offset', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(9), (frame, offset) => {
        assert.deepEqual(readFrame(bytesOf(frame, offset), 'worker w1'), frame);
      }),
    );
  });

  it('are the same bytes when gRPC lets them write themselves behind its own prefix', () => {
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const message = peerService.pull.responseSerialize(frame);
        const output = Buffer.alloc(5 + message.byteLength);
        message.copy(output, 5);
        assert.deepEqual(output.subarray(5), Buffer.from(bytesOf(frame)));
        assert.deepEqual(output.subarray(5), peerService.pull.requestSerialize(frame));
      }),
    );
  });

  it('put the payload on a boundary of 16 bytes behind the prefix of gRPC', () => {
    assert.equal((5 + HEADER_BYTES) % 16, 0);
  });

  it('of another schema version are refused by name, whatever else has changed', () => {
    const bytes = Buffer.from([0x62, 0x74, SCHEMA_VERSION + 1, 0, 9, 9]);
    assert.throws(() => readFrame(bytes, 'worker w1 (rank 1)'), {
      code: 'peer-incompatible',
      culprit: 'worker w1 (rank 1)',
      message: /schema version 2, this worker speaks 1/,
    });
  });

  it('that are cut short, too long or none at all are refused', () => {
    fc.assert(
      fc.property(anyFrame, fc.nat(), (frame, cut) => {
        const bytes = bytesOf(frame);
        const refused = { code: 'peer-incompatible', culprit: 'worker w1' };
        assert.throws(() => readFrame(bytes.subarray(0, cut % bytes.length), 'worker w1'), refused);
        assert.throws(() => readFrame(Buffer.concat([bytes, Buffer.alloc(1)]), 'worker w1'), refused);
        const otherKind = bytes.slice();
        otherKind[38] = 77;
        assert.throws(() => readFrame(otherKind, 'worker w1'), refused);
      }),
    );
    assert.throws(() => readFrame(Buffer.from('GET / HTTP/1.1'), 'worker w1'), { code: 'peer-incompatible' });
  });
});
