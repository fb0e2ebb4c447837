/** Stored numbers against a plain twin that reads each with a DataView. */
import assert from 'node:assert/strict';
import { float16ToNumber } from '@bagfleet/worker/data/float16';
import {
  copyBytes,
  roundFloat64,
  toFiniteFloat32,
  toInt32,
} from '@bagfleet/worker/data/formats/convert-numbers';
import { NUMBER_BYTES, type NumberType } from '@bagfleet/worker/data/formats/stored-array';
import fc from 'fast-check';

/** The twin: one number by its definition. */
function numberAt(view: DataView, at: number, type: NumberType): number {
  switch (type) {
    case 'bool':
      return view.getUint8(at) ? 1 : 0;
    case 'uint8':
      return view.getUint8(at);
    case 'int8':
      return view.getInt8(at);
    case 'uint16':
      return view.getUint16(at, true);
    case 'int16':
      return view.getInt16(at, true);
    case 'uint32':
      return view.getUint32(at, true);
    case 'int32':
      return view.getInt32(at, true);
    case 'uint64':
      return Number(view.getBigUint64(at, true));
    case 'int64':
      return Number(view.getBigInt64(at, true));
    case 'float16':
      return float16ToNumber(view.getUint16(at, true));
    case 'bfloat16': {
      const word = new DataView(new ArrayBuffer(4));
      word.setUint16(2, view.getUint16(at, true), true);
      return word.getFloat32(0, true);
    }
    case 'float32':
      return view.getFloat32(at, true);
    case 'float64':
      return view.getFloat64(at, true);
  }
}

const types = Object.keys(NUMBER_BYTES) as NumberType[];
const range = { least: -(2 ** 31), most: 2 ** 31 - 1 };
const refuse = (index: number, value: number) => new RangeError(`${index}: ${value}`);

describe('stored numbers', () => {
  for (const type of types)
    it(`${type} becomes float32 and int32 as the plain twin says`, async () => {
      const size = NUMBER_BYTES[type];
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 80 }),
          fc.nat(7),
          fc.boolean(),
          async (noise, shift, small) => {
            const count = Math.floor(noise.length / size);
            const bytes = new Uint8Array(count * size + shift).subarray(shift);
            // Half of the runs with a leading byte alone, so that wide integers fit, too.
            for (let i = 0; i < bytes.length; i++) bytes[i] = small && i % size > 0 ? 0 : noise[i];
            const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
            const values = Array.from({ length: count }, (_, i) => numberAt(view, i * size, type));

            const infinite = values.findIndex((value) => !Number.isFinite(Math.fround(value)));
            const floats = toFiniteFloat32(bytes, type, count, refuse);
            if (infinite < 0) assert.deepEqual([...(await floats)], [...Float32Array.from(values)]);
            else await assert.rejects(floats, { message: `${infinite}: ${values[infinite]}` });

            const odd = values.findIndex(
              (value) => value !== Math.trunc(value) || Math.abs(value + 0.5) > 2 ** 31,
            );
            const whole = toInt32(bytes, type, count, range, refuse);
            if (odd < 0) assert.deepEqual([...(await whole)], [...Int32Array.from(values)]);
            else await assert.rejects(whole, { message: `${odd}: ${values[odd]}` });
          },
        ),
        { numRuns: 60 },
      );
    });

  it('rounds float64 as the platform does, over several turns', async () => {
    const values = Float64Array.from({ length: (1 << 20) + 5 }, (_, i) => Math.tan(i) * 1e30);
    const out = new Float32Array(values.length);
    await roundFloat64(new Uint8Array(values.buffer), out);
    assert.deepEqual(out, Float32Array.from(values));
  });

  it('copies in turns, and stops when it is told to', async () => {
    const from = new Uint8Array(20 * 2 ** 20).fill(7);
    const to = new Uint8Array(from.length);
    await copyBytes(from, to);
    assert.ok(Buffer.from(to.buffer).equals(from));
    await assert.rejects(copyBytes(from, to, AbortSignal.abort()), { name: 'AbortError' });
  });
});
