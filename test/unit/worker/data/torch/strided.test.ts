/** Strided views against a plain twin that finds each number by its definition. */
import assert from 'node:assert/strict';
import { rowMajor, type Strides } from '@bagfleet/worker/data/torch/strided';
import fc from 'fast-check';

/** The twin: number by number, each index from the flat one. */
function plainly(storage: Uint8Array, width: number, { offset, shape, strides }: Strides): Uint8Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const out = new Uint8Array(count * width);
  for (let flat = 0; flat < count; flat++) {
    let rest = flat;
    let at = offset;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    out.set(storage.subarray(at * width, (at + 1) * width), flat * width);
  }
  return out;
}

const axes = fc.array(fc.record({ size: fc.nat(4), stride: fc.nat(5) }), { maxLength: 4 });

describe('strided view', () => {
  for (const width of [1, 2, 4, 8])
    it(`gives the numbers of ${width} bytes that its definition gives, at any alignment`, async () => {
      await fc.assert(
        fc.asyncProperty(axes, fc.nat(3), fc.nat(7), async (list, offset, shift) => {
          const view = {
            offset,
            shape: list.map(({ size }) => size),
            strides: list.map(({ stride }) => stride),
          };
          const numbers = list.reduce((last, { size, stride }) => last + size * stride, offset) + 1;
          const storage = new Uint8Array(shift + numbers * width).subarray(shift);
          for (let i = 0; i < storage.length; i++) storage[i] = 0xff - (i % 251); // NaNs among them, as doubles
          const found = await rowMajor(storage, width, view);
          assert.deepEqual(Buffer.from(found), Buffer.from(plainly(storage, width, view)));
        }),
        { numRuns: 300 },
      );
    });

  it('of rows in a row is a view of the storage, of others a copy in turns', async () => {
    const storage = new Uint8Array(new Float32Array(1500 * 1500).fill(1.5).buffer);
    const rows = await rowMajor(storage, 4, { offset: 1500, shape: [3, 1500], strides: [1500, 1] });
    assert.equal(rows.buffer, storage.buffer);
    const turned = { offset: 0, shape: [1500, 1500], strides: [1, 1500] };
    assert.ok(Buffer.from(await rowMajor(storage, 4, turned)).equals(storage));
    await assert.rejects(rowMajor(storage, 4, turned, AbortSignal.abort()), { name: 'AbortError' });
  });
});
