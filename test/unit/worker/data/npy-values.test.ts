import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readNpyHeader } from '@bagfleet/worker/data/npy-header';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import fc from 'fast-check';

const FIXTURES = new URL('../../../fixtures/npy/', import.meta.url);
const source = { bag: 'b7', file: 'bags/b7.npy' };
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.npy`, FIXTURES)));
const expected = JSON.parse(readFileSync(new URL('expected.json', FIXTURES), 'utf8')) as {
  files: Record<string, { float32: number[] }>;
};

describe('npy values', () => {
  it('writes byte for byte what numpy.save writes', () => {
    const floats = Float32Array.from(expected.files.f4_v1.float32);
    assert.deepEqual(writeNpy(floats, [5, 3]), fixture('f4_v1'));
    const tiles = Uint8Array.from(expected.files.u1_tiles.float32);
    assert.deepEqual(writeNpy(tiles, [2, 3, 3, 1]), fixture('u1_tiles'));
    assert.deepEqual(writeNpy(Float32Array.from([0, 1, 2]), [3]), fixture('one_axis'));
  });

  it('what it writes it reads again', () => {
    fc.assert(
      fc.property(fc.array(fc.float({ noNaN: true }), { maxLength: 40 }), fc.boolean(), (numbers, tall) => {
        const values = Float32Array.from(numbers);
        const shape = tall ? [values.length, 1] : [1, values.length, 1];
        const file = writeNpy(values, shape);
        const header = readNpyHeader(file, source);
        assert.deepEqual([header.type, header.shape], ['float32', shape]);
        assert.equal(header.dataStart % 64, 0);
        assert.deepEqual(new Float32Array(file.slice(header.dataStart).buffer), values);
      }),
    );
  });

  it('refuses to write a shape that its values do not fill', () => {
    assert.throws(() => writeNpy(new Uint8Array(5), [2, 3]), /5 values/);
  });
});
