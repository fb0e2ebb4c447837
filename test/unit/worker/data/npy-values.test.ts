import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { float16Table } from '@bagfleet/worker/data/float16';
import { readNpyHeader } from '@bagfleet/worker/data/npy-header';
import { npyToFloat32, npyValueAt, writeNpy } from '@bagfleet/worker/data/npy-values';
import fc from 'fast-check';

const FIXTURES = new URL('../../../fixtures/npy/', import.meta.url);
const source = { bag: 'b7', file: 'bags/b7.npy' };
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.npy`, FIXTURES)));
const expected = JSON.parse(readFileSync(new URL('expected.json', FIXTURES), 'utf8')) as {
  halvesSha256: string;
  files: Record<string, { float32: number[] }>;
};

/** The file's bytes at an odd offset of a larger buffer, as a network library may hand them out. */
function unaligned(file: Uint8Array): Uint8Array {
  const larger = Buffer.alloc(file.length + 3);
  larger.set(file, 3);
  return larger.subarray(3);
}

function decode(file: Uint8Array, first = 0, count?: number): Float32Array {
  const header = readNpyHeader(file, source);
  const all = header.shape.reduce((product, size) => product * size, 1);
  const out = new Float32Array(count ?? all - first);
  npyToFloat32(file, header, first, out);
  return out;
}

describe('npy values', () => {
  for (const name of ['f4_v1', 'f4_v2', 'f4_v3', 'f8', 'f2', 'one_axis', 'scalar'])
    it(`gives NumPy's own float32 values: ${name}`, () => {
      const wanted = Float32Array.from(expected.files[name].float32);
      assert.deepEqual(decode(fixture(name)), wanted);
      assert.deepEqual(decode(unaligned(fixture(name))), wanted);
    });

  it('uint8 becomes value / 255', () => {
    const wanted = Float32Array.from(expected.files.u1_tiles.float32, (value) => value / 255);
    assert.deepEqual(decode(fixture('u1_tiles')), wanted);
  });

  it('reads any range of values', () => {
    for (const name of ['f4_v1', 'f8', 'f2', 'u1_tiles']) {
      const whole = decode(fixture(name));
      fc.assert(
        fc.property(fc.nat(whole.length), fc.nat(whole.length), (a, b) => {
          const [first, last] = [Math.min(a, b), Math.max(a, b)];
          assert.deepEqual(decode(unaligned(fixture(name)), first, last - first), whole.slice(first, last));
        }),
      );
    }
  });

  it('all 65,536 halves are what NumPy makes of them', () => {
    const values = float16Table().map((value) => (Number.isNaN(value) ? 0 : value));
    const count = Buffer.alloc(4);
    count.writeUInt32LE(values.length);
    const digest = createHash('sha256').update(count).update(new Uint8Array(values.buffer)).digest('hex');
    assert.equal(digest, expected.halvesSha256);
    assert.equal([...float16Table()].filter(Number.isNaN).length, 2 * 1023);
  });

  it('shows the stored value, not its rounding', () => {
    const file = fixture('beyond_float32');
    assert.equal(npyValueAt(file, readNpyHeader(file, source), 2), 1e300);
    assert.equal(
      npyValueAt(fixture('u1_tiles'), readNpyHeader(fixture('u1_tiles'), source), 4),
      expected.files.u1_tiles.float32[4],
    );
  });

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
        assert.deepEqual(readNpyHeader(file, source).shape, shape);
        assert.equal(readNpyHeader(file, source).dataStart % 64, 0);
        assert.deepEqual(decode(file), values);
      }),
    );
  });

  it('refuses to write a shape that its values do not fill', () => {
    assert.throws(() => writeNpy(new Uint8Array(5), [2, 3]), /5 values/);
  });
});
