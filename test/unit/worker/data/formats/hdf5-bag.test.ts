/** Bags in HDF5 files, as CLAM, TRIDENT and h5py write them; as nobody should write them, and as attackers do. */
import assert from 'node:assert/strict';
import { formatOf } from '@bagfleet/worker/data/formats/bag-formats';
import { bytesInMemory, bytesInStore } from '@bagfleet/worker/data/formats/byte-sources';
import { hdf5Bag } from '@bagfleet/worker/data/formats/hdf5-bag';
import { bagFixtures } from '../../../../support/bag-fixtures.js';
import { bagFormatContract } from '../../../../support/bag-format-contract.js';
import { bagRefusal } from '../../../../support/bag-refusal.js';
import { madeUpHdf5, madeUpHdf5Bag } from '../../../../support/made-up-hdf5.js';
import { MemoryStore } from '../../../../support/memory-store.js';

const { bags, bytes } = bagFixtures('hdf5', '.h5');
const file = { bag: 'b7', file: 'bags/b7.h5' };
const decode = async (content: Uint8Array) => (await hdf5Bag.open(bytesInMemory(content), file)).decode();
const refusal = (content: Uint8Array) => bagRefusal(() => decode(content), file);
const openRefusal = (content: Uint8Array) =>
  bagRefusal(() => hdf5Bag.open(bytesInMemory(content), file), file);

/** A copy with bytes replaced from the `nth` place on at which `mark` stands. */
function patched(content: Uint8Array, mark: string, offset: number, by: readonly number[], nth = 0): Buffer {
  const copy = Buffer.from(content);
  let at = -1;
  for (let i = 0; i <= nth; i++) at = copy.indexOf(mark, at + 1, 'latin1');
  assert.ok(at >= 0, `${mark} stands in the file`);
  copy.set(by, at + offset);
  return copy;
}

/** An address or a length as the file writes it. */
function word(value: number): Buffer {
  const word = Buffer.alloc(8);
  word.writeBigUInt64LE(BigInt(value));
  return word;
}

/** A copy in which the first of these bytes are others. */
function replaced(content: Uint8Array, from: Buffer, to: Buffer): Buffer {
  const copy = Buffer.from(content);
  const at = copy.indexOf(from);
  assert.ok(at >= 0, `${from.toString('hex')} stands in the file`);
  copy.set(to, at);
  return copy;
}

bagFormatContract(hdf5Bag, bags, { headerReads: 1, cut: /^bag-truncated$/, noisyRuns: 2000 });

describe('hdf5 bag', () => {
  it('is what files ending in .h5 and .hdf5 are', () => {
    for (const key of ['a/b.h5', 'B.H5', 'c.hdf5']) assert.equal(formatOf(key), hdf5Bag);
  });

  const refused: [name: string, message: RegExp][] = [
    ['integers', /values are int64/],
    ['strings', /its features holds lists or strings of variable length/],
    ['complex', /its features holds compound/],
    ['coords_alone', /"coords": none of them is features/],
    ['two_groups', /2 of its groups hold features: "a", "b"/],
    ['scaleoffset', /packed by scaleoffset \(filter 6\); known are deflate, shuffle, fletcher32, lzf/],
    ['unwritten', /the values of its features were never written/],
    ['unwritten_chunks', /2 of its 3 chunks were never written/],
    ['external', /the values of its features lie in other files/],
    ['virtual', /virtual: its values lie in other files/],
    ['named_type', /has a named type/],
  ];
  for (const [name, message] of refused)
    it(`refuses ${name} in clear words`, async () => {
      const error = await refusal(bytes(name));
      assert.equal(error.code, 'bag-format');
      assert.match(error.message, message);
      assert.match(error.hint ?? '', /[sS]ave|Write|Take/);
    });

  it('refuses another shape than a bag has', async () => {
    assert.equal((await openRefusal(bytes('one_axis'))).code, 'bag-width');
  });

  it('opens a bag of no instances, which whoever reads it refuses', async () => {
    const { header, decode: values } = await hdf5Bag.open(bytesInMemory(bytes('empty')), file);
    assert.deepEqual([header.instances, header.instanceShape, header.hasCoords], [0, [5], true]);
    assert.equal((await values()).features.length, 0);
  });

  it('refuses what is no HDF5, and a file of nothing', async () => {
    assert.match((await refusal(Buffer.from('PK\u0003\u0004 something else'))).message, /does not begin as/);
    assert.equal((await refusal(Buffer.alloc(0))).code, 'bag-truncated');
  });

  it('reads of a long file in a store its first bytes, and no value', async () => {
    const shape = [512, 512];
    const whole = madeUpHdf5Bag({ type: 'float32', shape, values: new Uint8Array(512 * 512 * 4) });
    const store = new MemoryStore();
    store.objects.set(file.file, whole);
    const { header } = await hdf5Bag.open(bytesInStore(store, file.file, whole.length), file);
    assert.deepEqual([header.instances, header.instanceShape, header.type], [512, [512], 'float32']);
    assert.deepEqual(store.calls, [`get ${file.file} 0+65536`]);
  });

  it('reads many chunks of a file in a store by few requests', async () => {
    const store = new MemoryStore();
    const whole = bytes('latest_fixed_pages'); // 1,100 chunks
    store.objects.set(file.file, whole);
    const { decode: values } = await hdf5Bag.open(bytesInStore(store, file.file, whole.length), file);
    await values();
    assert.ok(store.calls.length <= 4, store.calls.join(', '));
  });

  it('keeps float16 as its bits', async () => {
    const values = new Uint8Array(Uint16Array.of(0x3c00, 0x0001, 0xfbff, 0x8000, 0x7bff, 0x0400).buffer);
    const { features, type } = await decode(madeUpHdf5Bag({ type: 'float16', shape: [3, 2], values }));
    assert.deepEqual([type, [...features]], ['float16', [0x3c00, 0x0001, 0xfbff, 0x8000, 0x7bff, 0x0400]]);
  });

  describe('against lies', () => {
    const plain = madeUpHdf5({ features: { type: 'float32', shape: [3, 2], values: new Uint8Array(24) } });

    it('refuses sizes that the file cannot hold before it takes memory', async () => {
      const dims = plain.indexOf(Buffer.concat([word(3), word(2)]));
      const wide = Buffer.from(plain);
      wide.set(word(2 ** 45), dims);
      assert.match((await openRefusal(wide)).message, /has 24 bytes, its shape wants 281474976710656/);
      wide.set(word(8 * 2 ** 45), plain.indexOf(word(24), dims));
      assert.match((await openRefusal(wide)).message, /is said to lie beyond its end/);
      const packed = replaced(replaced(bytes('gzip'), word(50), word(2 ** 40)), word(50), word(2 ** 40));
      assert.match((await openRefusal(packed)).message, /claims 30786325577728 bytes, more than can be/);
    });

    it('refuses chunks that unpack to more than a chunk, and chunks that claim what cannot be', async () => {
      const gzip = bytes('gzip'); // [50, 7] float32 in one chunk
      const chunk = (rows: number, axis = 7) => Buffer.from(Uint32Array.of(rows, axis).buffer);
      let smaller = replaced(replaced(gzip, chunk(50), chunk(40)), chunk(50, 2), chunk(40, 2));
      for (let i = 0; i < 4; i++) smaller = replaced(smaller, word(50), word(40)); // extents and their limits
      assert.match(
        (await refusal(smaller)).message,
        /features cannot be unpacked by deflate: they give more/,
      );
      const larger = replaced(gzip, chunk(50), chunk(50 + 2 ** 30));
      assert.match((await refusal(larger)).message, /claims 30064772472 bytes from \d+, which cannot be/);
      const different = replaced(gzip, chunk(50), chunk(60));
      assert.match((await refusal(different)).message, /a chunk of its features has 1400 bytes, not 1680/);
    });

    it('refuses trees that come back to where they have been', async () => {
      const own = plain.indexOf('TREE', 0, 'latin1');
      const group = patched(patched(plain, 'TREE', 5, [1]), 'TREE', 32, [...word(own)]);
      assert.match((await openRefusal(group)).message, /comes back to where it has been/);
      const clam = bytes('clam');
      const tree = Buffer.from(clam).indexOf('TREE\u0001', 0, 'latin1');
      const chunks = patched(patched(clam, 'TREE\u0001', 5, [1]), 'TREE\u0001', 24 + 32, [...word(tree)]);
      assert.match((await refusal(chunks)).message, /comes back to where it has been/);
    });

    it('refuses two chunks in one place of the file, and two of one place in the dataset', async () => {
      const clam = Buffer.from(bytes('clam'));
      const entry = clam.indexOf('TREE\u0001', 0, 'latin1') + 24; // keys of 32 bytes and addresses of 8
      const twice = Buffer.from(clam);
      twice.set(clam.subarray(entry + 32, entry + 40), entry + 72);
      assert.match((await refusal(twice)).message, /two of its chunks lie over each other/);
      const same = Buffer.from(clam);
      same.set(clam.subarray(entry, entry + 32), entry + 40);
      assert.match((await refusal(same)).message, /two chunks at \(0, 0\)/);
    });

    it('refuses headers that go on in themselves', async () => {
      const header = Buffer.from(plain);
      const datatype = header.indexOf(Buffer.from([0x03, 0, 24, 0]));
      header.set([0x10], datatype); // now a continuation: 16 bytes of it count
      header.set(word(datatype), datatype + 8);
      header.set(word(32), datatype + 16);
      assert.match((await openRefusal(header)).message, /more parts than any bag/);
    });

    it('tells changed bytes by their checksums', async () => {
      const stored = Buffer.from(bytes('fletcher32'));
      const { features } = await decode(stored);
      const at = stored.indexOf(Buffer.from(features.buffer).subarray(0, 15));
      stored[at + 3] ^= 0x40;
      assert.match((await refusal(stored)).message, /the checksum of a chunk of its features is wrong/);
      const header = patched(bytes('v110_single'), 'OHDR', 8, [0x77]);
      assert.match((await openRefusal(header)).message, /has a wrong checksum: bytes have changed/);
    });

    it('says no more of a name than a line of plain letters', async () => {
      const odd = patched(plain, 'features', 0, [0x1b, 0x5b, 0x32, 0x4a]);
      odd.set([0x13], odd.indexOf(Buffer.from([0x11, 0x20, 31]))); // now a string
      const error = await openRefusal(odd);
      assert.match(error.message, /\?\[2Jures/);
    });
  });
});
