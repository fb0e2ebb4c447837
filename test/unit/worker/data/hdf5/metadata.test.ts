/** The structures of an HDF5 file: read by few requests, never beyond the file, never without end. */
import assert from 'node:assert/strict';
import { BagfleetError } from '@bagfleet/proto/errors';
import { Metadata } from '@bagfleet/worker/data/hdf5/metadata';

const file = { bag: 'b7', file: 'b7.h5' };
const sizes = { addressBytes: 8, lengthBytes: 8 };

/** A file of bytes that count up, and which of them were asked for. */
function counted(bytes: number) {
  const content = Uint8Array.from({ length: bytes }, (_, i) => i % 251);
  const asked: string[] = [];
  const source = {
    bytes,
    async read(start: number, length: number) {
      asked.push(`${start}+${length}`);
      return content.subarray(start, start + length);
    },
  };
  return { metadata: new Metadata(source, file, sizes), asked, content };
}

describe('structures of an HDF5 file', () => {
  it('come by few requests, with their neighbours', async () => {
    const { metadata, asked, content } = counted(200_000);
    for (const [address, length] of [
      [0, 96],
      [800, 300],
      [65_000, 500],
      [150_000, 100],
      [148_000, 40],
      [199_990, 10],
      [65_500, 100],
      [130_000, 40_000],
    ]) {
      const { bytes } = await metadata.fields(address, length, 'a structure');
      assert.deepEqual(Buffer.from(bytes), Buffer.from(content.subarray(address, address + length)));
    }
    assert.deepEqual(asked, ['0+65536', '147456+16384', '196608+3392', '49152+16448', '114688+55312']);
  });

  it('come by larger requests where they lie among what is wanted as well', async () => {
    const { metadata, asked } = counted(200_000);
    const ahead = metadata.ahead(2 ** 17);
    for (let address = 0; address < 199_000; address += 1000) await ahead.fields(address, 40, 'a node');
    assert.deepEqual(asked, ['0+131072', '131072+68928']);
  });

  it('are refused beyond the end, and where they are asked for again and again', async () => {
    const { metadata } = counted(100_000);
    const refused = (message: RegExp) => (thrown: unknown) =>
      thrown instanceof BagfleetError && thrown.code === 'bag-format' && message.test(thrown.message);
    for (const [address, length] of [
      [99_990, 11],
      [2 ** 60, 1],
      [0, 2 ** 53],
    ])
      await assert.rejects(
        metadata.fields(address, length, 'a node'),
        refused(/a node is said to lie beyond/),
      );
    const forEver = async () => {
      for (;;) await metadata.fields(0, 90_000, 'a node');
    };
    await assert.rejects(forEver(), refused(/a node refers to more than any bag has/));
  });
});
