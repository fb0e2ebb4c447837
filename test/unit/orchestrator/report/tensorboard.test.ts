/**
 * The event file is byte for byte one that TensorBoard itself has read (scripts/reference/tensorboard_scalars.py), and
 * a decoder that shares no code with the encoder reads the same from it.
 * UPDATE_FIXTURES=1 writes the file anew; the script then has to be run again.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import {
  tensorboardFile,
  tensorboardFileName,
  tensorboardHead,
  tensorboardRow,
  wallTimesOf,
} from '@bagfleet/orchestrator/report/tensorboard';
import { crc32c, frameRecord, maskedCrc32c } from '@bagfleet/orchestrator/report/tfrecord';
import fc from 'fast-check';
import { epochRow, exampleRows, STEPS, stepRow } from './example-rows.js';

const STARTED = 1_700_000_000.5;
const folder = new URL('../../../fixtures/report/', import.meta.url);
const eventFile = new URL(tensorboardFileName(STARTED), folder);

type Scalars = Record<string, [step: number, value: number, wallTime: number][]>;

/** One bit at a time, straight from the definition. */
function crcByBits(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes)
    for (let bit = 0; bit < 8; bit++) {
      const mixed = (crc ^ (byte >>> bit)) & 1;
      crc = (crc >>> 1) ^ (mixed ? 0x82f63b78 : 0);
    }
  return ~crc >>> 0;
}

/** [field number, value]: varints as numbers, fixed and delimited fields as bytes. */
function* fieldsOf(bytes: Uint8Array): Generator<[number, number | Buffer]> {
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return Buffer.from(bytes.slice(at - length, at));
  };
  while (at < bytes.length) {
    const key = varint();
    const type = key % 8;
    yield [(key - type) / 8, type === 0 ? varint() : take(type === 1 ? 8 : type === 5 ? 4 : varint())];
  }
}

function payloadsOf(file: Uint8Array): Buffer[] {
  const bytes = Buffer.from(file);
  const payloads: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    const payload = bytes.subarray(at + 12, at + 12 + length);
    for (const [sum, part] of [
      [bytes.readUInt32LE(at + 8), bytes.subarray(at, at + 8)],
      [bytes.readUInt32LE(at + 12 + length), payload],
    ] as const) {
      const crc = BigInt(crcByBits(part));
      assert.equal(BigInt(sum), (((crc >> 15n) | ((crc << 17n) & 0xffffffffn)) + 0xa282ead8n) & 0xffffffffn);
    }
    payloads.push(payload);
    at += 16 + length;
  }
  return payloads;
}

function scalarsOf(file: Uint8Array): Scalars {
  const scalars: Scalars = {};
  for (const payload of payloadsOf(file)) {
    const event = new Map(fieldsOf(payload));
    const summary = event.get(5) as Buffer | undefined;
    for (const [, value] of summary ? fieldsOf(summary) : []) {
      const fields = new Map(fieldsOf(value as Buffer));
      const tag = String(fields.get(1));
      scalars[tag] ??= [];
      scalars[tag].push([
        event.get(2) as number,
        (fields.get(2) as Buffer).readFloatLE(),
        (event.get(1) as Buffer).readDoubleLE(),
      ]);
    }
  }
  return scalars;
}

describe('TensorBoard event files', () => {
  const file = tensorboardFile(exampleRows, STEPS, STARTED);
  if (process.env.UPDATE_FIXTURES === '1') writeFileSync(eventFile, file);

  it('are the bytes that TensorBoard has read', () => {
    assert.deepEqual(Buffer.from(file), readFileSync(eventFile));
  });

  it('hold what TensorBoard found in them', () => {
    const seen = JSON.parse(readFileSync(new URL('tensorboard-scalars.json', folder), 'utf8')) as {
      scalars: Scalars;
    };
    assert.deepEqual(scalarsOf(file), seen.scalars);
  });

  it('hold each value at its update; undefined values are left out', () => {
    const scalars = scalarsOf(file);
    assert.deepEqual(
      scalars['train/loss'].map(([step]) => step),
      Array.from({ length: 12 }, (_, i) => i + 1),
    );
    assert.deepEqual(scalars['train/rate'][5].slice(0, 2), [6, Math.fround(stepRow(2, 2).rate)]);
    assert.deepEqual(
      scalars['validation/auc'].map(([step, value]) => [step, value]),
      [
        [4, Math.fround(0.85)],
        [12, Math.fround(0.95)],
      ],
    );
    assert.equal(scalars['train/bagsPerSecond'][0][1], Math.fround(8000 / 201));
    assert.equal(scalars['epoch/trainLoss'].length, 3);
    assert.equal(scalars['validation/auprc'], undefined);
  });

  it('begin with the version and may be appended to', () => {
    const version = new Map(fieldsOf(payloadsOf(file)[0]));
    assert.equal(String(version.get(3)), 'brain.Event:2');
    const times = wallTimesOf(exampleRows, STARTED);
    const appended = exampleRows.map((row, i) => tensorboardRow(row, STEPS, times[i]));
    assert.deepEqual(Buffer.concat([tensorboardHead(STARTED), ...appended]), Buffer.from(file));
  });

  it('have times that follow from the durations and never go back', () => {
    const times = wallTimesOf([stepRow(1, 1), stepRow(1, 2), epochRow(1), stepRow(2, 1)], 100);
    assert.deepEqual(
      times.map((time) => time.toFixed(3)),
      ['100.201', '100.403', '105.000', '105.205'],
    );
    const all = wallTimesOf(exampleRows, STARTED);
    assert.ok(all.every((time, i) => i === 0 || time >= all[i - 1]));
  });
});

describe('TFRecord framing', () => {
  it("CRC-32C of the standard's examples (RFC 3720, B.4)", () => {
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
    assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
    assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e);
  });

  it('CRC-32C equals the one taken bit by bit; frames give their payload back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        assert.equal(crc32c(bytes), crcByBits(bytes));
        assert.ok(maskedCrc32c(bytes) >= 0);
        assert.deepEqual(payloadsOf(frameRecord(bytes)), [Buffer.from(bytes)]);
      }),
    );
  });
});
