/** Bags in .npz files, as NumPy and SciPy write them; and such as nobody should write. */
import assert from 'node:assert/strict';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { npzBag } from '@bagfleet/worker/data/formats/npz-bag';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { bagFixtures } from '../../../../support/bag-fixtures.js';
import { bagFormatContract } from '../../../../support/bag-format-contract.js';
import { bagRefusal } from '../../../../support/bag-refusal.js';
import { madeUpZip, type ZipPart } from '../../../../support/made-up-zip.js';

const { bags, bytes } = bagFixtures('npz', '.npz');
const file = { bag: 'b7', file: 'bags/b7.npz' };

const decode = async (content: Uint8Array) => (await npzBag.open(bytesInMemory(content), file)).decode();
const refusal = (content: Uint8Array) => bagRefusal(() => decode(content), file);

/** An archive of arrays that NumPy would write so. */
function npz(arrays: Record<string, Uint8Array>, more: Partial<ZipPart> = {}): Buffer {
  return madeUpZip(
    Object.entries(arrays).map(([name, content]) => ({ name: `${name}.npy`, content, ...more })),
  );
}

bagFormatContract(npzBag, bags, { headerReads: 2, cut: /^bag-truncated$/, noisyRuns: 3000 });

describe('npz bag', () => {
  const features = writeNpy(new Float32Array(6), [3, 2]);

  const refused: [name: string, message: RegExp][] = [
    ['adjacency_alone', /none of them is features/],
    ['objects', /values are \|O/],
    ['two_unnamed', /holds "arr_0", "arr_1": none of them is features/],
    ['fortran', /Fortran order/],
  ];
  for (const [name, message] of refused)
    it(`refuses ${name} in clear words`, async () => {
      const error = await refusal(bytes(name));
      assert.equal(error.code, 'bag-format');
      assert.match(error.message, message);
    });

  it('refuses coordinates, labels and edges that do not fit', async () => {
    const floats = (shape: number[]) =>
      writeNpy(new Float32Array(shape.reduce((product, size) => product * size, 1)), shape);
    const cases: [string, Uint8Array, RegExp][] = [
      ['coords', floats([3, 3]), /coords has the shape \(3, 3\), which is not \(3, 2\)/],
      ['coords', floats([2, 2]), /coords has the shape \(2, 2\)/],
      ['coords', writeNpy(Float32Array.of(0, 1, NaN, 3, 4, 5), [3, 2]), /value 2 of its coords is NaN/],
      ['inst_labels', floats([4]), /inst_labels has the shape \(4\), which is not \(3,\)/],
      ['inst_labels', writeNpy(Float32Array.of(0, 0.5, 1), [3]), /value 1 of its inst_labels is 0.5/],
      ['edge_index', floats([3, 2]), /edge_index has the shape \(3, 2\), which is not \(2, edges\)/],
      [
        'edge_index',
        writeNpy(Uint8Array.of(0, 1, 2, 3), [2, 2]),
        /value 3 of its edge_index is 3, .* 0 to 2/,
      ],
      ['edge_index', floats([2, 10]), /10 edges for 3 instances/],
    ];
    for (const [name, array, message] of cases) {
      const error = await refusal(npz({ features, [name]: array }));
      assert.equal(error.code, 'bag-format');
      assert.match(error.message, message);
    }
  });

  it('reads one array of any name, but not coordinates as features', async () => {
    assert.deepEqual((await decode(npz({ slide_17: features }))).instanceShape, [2]);
    assert.match((await refusal(npz({ coords: features }))).message, /"coords": none of them is features/);
    assert.match((await refusal(madeUpZip([]))).message, /holds no array/);
  });

  it('refuses bombs before they unpack, and paths that lead elsewhere', async () => {
    const claiming = Buffer.from(features);
    claiming.write('(3000000000, 2)', claiming.indexOf('(3, 2)'), 'latin1');
    const lies = { deflate: true, claims: { bytes: 24_000_000_128 } };
    const bomb = await refusal(npz({ features: claiming }, { ...lies, claims: { bytes: 2 ** 32 - 2 } }));
    assert.match(bomb.message, /which cannot be/);
    const growing = await refusal(
      npz(
        { features: Buffer.concat([features, Buffer.alloc(9e6)]) },
        { deflate: true, claims: { bytes: features.length } },
      ),
    );
    assert.match(growing.message, /unpacks to more bytes/);
    assert.match((await refusal(npz({ '../features': features }))).message, /leads out of the archive/);
  });
});
