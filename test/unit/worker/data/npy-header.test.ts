import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { BagfleetError } from '@bagfleet/proto/errors';
import { checkNpyLength, NPY_PREFIX_BYTES, readNpyHeader } from '@bagfleet/worker/data/npy-header';
import fc from 'fast-check';

const FIXTURES = new URL('../../../fixtures/npy/', import.meta.url);
const source = { bag: 'b7', file: 'bags/b7.npy' };
const fixture = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.npy`, FIXTURES)));
const expected = JSON.parse(readFileSync(new URL('expected.json', FIXTURES), 'utf8')) as {
  files: Record<string, { dtype: string; shape: number[] }>;
};

const TYPES: Record<string, string> = {
  '<f2': 'float16',
  '<f4': 'float32',
  '<f8': 'float64',
  '|u1': 'uint8',
  '|b1': 'bool',
  '<i8': 'int64',
};

function refusal(run: () => unknown): BagfleetError {
  try {
    run();
  } catch (thrown) {
    assert.ok(thrown instanceof BagfleetError);
    assert.equal(thrown.culprit, 'bag b7, file bags/b7.npy');
    assert.ok(thrown.hint, 'says what to do');
    return thrown;
  }
  assert.fail('nothing was refused');
}

/** A file with this header text, version 1.0. */
function withHeader(dictionary: string): Uint8Array {
  const text = Buffer.from(`${dictionary}\n`, 'latin1');
  const file = Buffer.alloc(10 + text.length);
  file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
  file.writeUInt16LE(text.length, 8);
  text.copy(file, 10);
  return file;
}

describe('npy header', () => {
  for (const name of [
    'f4_v1',
    'f4_v2',
    'f4_v3',
    'f8',
    'f2',
    'u1_tiles',
    'one_axis',
    'scalar',
    'no_instances',
    'int64',
    'bool',
  ])
    it(`reads what NumPy wrote: ${name}`, () => {
      const file = fixture(name);
      const header = readNpyHeader(file.subarray(0, NPY_PREFIX_BYTES), source);
      const { dtype, shape } = expected.files[name];
      assert.deepEqual([header.type, header.shape], [TYPES[dtype], shape]);
      assert.equal(header.dataStart + header.dataBytes, file.length);
      checkNpyLength(header, file.length, source);
    });

  const refusals: [name: string, message: RegExp, hint: RegExp][] = [
    ['fortran', /Fortran order/, /ascontiguousarray/],
    ['big_endian', /values are >f4/, /astype\('float32'\)/],
    ['records', /records of several fields/, /astype\('float32'\)/],
  ];
  for (const [name, message, hint] of refusals)
    it(`refuses ${name} and says what to do`, () => {
      const error = refusal(() => readNpyHeader(fixture(name), source));
      assert.equal(error.code, 'bag-format');
      assert.match(error.message, message);
      assert.match(error.hint ?? '', hint);
    });

  it('reads the keys in any order, with and without the last comma', () => {
    const { shape, type } = readNpyHeader(
      withHeader("{ 'shape':(3,4),'fortran_order' : False, 'descr': '|u1'}"),
      source,
    );
    assert.deepEqual([shape, type], [[3, 4], 'uint8']);
  });

  const unreadable = [
    "{'descr': '<f4', 'fortran_order': False}",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3, -4), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'shape': (3,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1, }",
    "{'descr': '<f4', 'fortran_order': 0, 'shape': (3,), }",
    "{'descr': '<f4' 'fortran_order': False, 'shape': (3,), }",
    'no dictionary',
  ];
  for (const text of unreadable)
    it(`refuses the header ${text}`, () => {
      assert.equal(refusal(() => readNpyHeader(withHeader(text), source)).code, 'bag-format');
    });

  it('refuses a shape beyond any memory', () => {
    const text = "{'descr': '<f4', 'fortran_order': False, 'shape': (9007199254740991, 4), }";
    assert.match(refusal(() => readNpyHeader(withHeader(text), source)).message, /beyond any memory/);
  });

  it('refuses what is no .npy file, and unknown versions', () => {
    assert.match(
      refusal(() => readNpyHeader(Buffer.from('PK\u0003\u0004 a zip archive'), source)).message,
      /does not begin/,
    );
    const future = fixture('f4_v1');
    future[6] = 9;
    assert.match(refusal(() => readNpyHeader(future, source)).message, /version 9\.0/);
  });

  it('a file cut anywhere is refused as truncated, bytes after the values too', () => {
    const file = fixture('f4_v1');
    const check = (bytes: Uint8Array) => checkNpyLength(readNpyHeader(bytes, source), bytes.length, source);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: file.length - 1 }), (length) => {
        assert.equal(refusal(() => check(file.subarray(0, length))).code, 'bag-truncated');
      }),
    );
    const longer = refusal(() => check(Buffer.concat([file, Buffer.from([0])])));
    assert.equal(longer.code, 'bag-truncated');
    assert.match(longer.message, /1 bytes after its values/);
  });

  it('whatever the bytes, the answer is a header or a refusal', () => {
    const good = fixture('f4_v1');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 255 }), (at, value) => {
        const file = good.slice();
        file[at] = value;
        try {
          readNpyHeader(file, source);
        } catch (thrown) {
          assert.ok(thrown instanceof BagfleetError && /^bag-(format|truncated)$/.test(thrown.code));
        }
      }),
    );
  });
});
