/**
 * What every format of bags must do, whatever its files look like. A format's test calls this with files that the
 * format's own tools wrote and with what those tools read from them.
 */
import assert from 'node:assert/strict';
import type { BagContent } from '@bagfleet/worker/data/bag';
import type { BagFile } from '@bagfleet/worker/data/bag-file';
import type { BagFormat, ByteSource, FileHeader } from '@bagfleet/worker/data/formats/bag-format';
import { bytesInMemory, bytesInStore } from '@bagfleet/worker/data/formats/byte-sources';
import { decodeFile } from '@bagfleet/worker/data/read-bag';
import { asRefusal, bagRefusal } from './bag-refusal.js';
import { MemoryStore } from './memory-store.js';
import { noisyCopies } from './noisy-bytes.js';

/** Lists of numbers, or null where the file has none. */
export interface ExpectedBag {
  readonly type: BagContent['type'];
  /** [instances, ...instanceShape] */
  readonly shape: readonly number[];
  /** The bytes of the features as a bag keeps them, in base64: exact for all types. */
  readonly features: string;
  /** Row-major [instances, 2]. */
  readonly coords: readonly number[] | null;
  readonly instanceLabels: readonly number[] | null;
  /** Row-major [2, edges]. */
  readonly edges: readonly number[] | null;
}

export interface FormatFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly expected: ExpectedBag;
}

export interface FormatPromises {
  /** Most requests to a store that a header takes. */
  readonly headerReads: number;
  /** Codes of the refusal of a file that was cut. */
  readonly cut: RegExp;
  /** Damaged copies that are tried, over all files. */
  readonly noisyRuns: number;
}

export function bagFormatContract(
  format: BagFormat,
  files: readonly FormatFile[],
  { headerReads, cut, noisyRuns }: FormatPromises,
): void {
  const file: BagFile = { bag: 'b7', file: `bags/b7${format.suffixes[0]}` };
  const openBytes = (bytes: Uint8Array) => format.open(bytesInMemory(bytes), file);
  const decodeBytes = async (bytes: Uint8Array) => (await openBytes(bytes)).decode();

  describe(`format ${format.name}`, () => {
    for (const { name, bytes, expected } of files) {
      const [instances, ...instanceShape] = expected.shape;

      it(`gives the very values of ${name}, whole and in shared memory`, async () => {
        assertContent(await decodeBytes(bytes), expected);
        assertContent(await decodeBytes(atOddOffset(bytes)), expected);
      });

      it(`says of ${name} what is in it before it reads a value`, async () => {
        const { header, decode } = await openBytes(bytes);
        assert.deepEqual(header, headerOf(await decode()));
      });

      it(`reads the header of ${name} from a store in at most ${headerReads} requests`, async () => {
        const store = new MemoryStore();
        store.objects.set(file.file, bytes);
        const { header, decode } = await format.open(
          within(bytesInStore(store, file.file, bytes.length)),
          file,
        );
        assert.ok(store.calls.length <= headerReads, store.calls.join(', '));
        assert.deepEqual(header, (await openBytes(bytes)).header);
        assertContent(await decode(), expected);
      });

      it(`refuses ${name} cut at any of 20 points`, async () => {
        for (let point = 0; point < 20; point++) {
          const length = Math.floor((bytes.length * point) / 20);
          const error = await bagRefusal(() => decodeBytes(bytes.subarray(0, length)), file);
          assert.match(error.code, cut, `cut after ${length} of ${bytes.length}: ${error.message}`);
        }
        const error = await bagRefusal(() => decodeBytes(bytes.subarray(0, -1)), file);
        assert.match(error.code, cut, `cut before the last byte: ${error.message}`);
      });

      it(`refuses ${name} in a dataset of another shape, or in another's place`, async () => {
        const part = { bytes: bytes.length, instances };
        const wider = [...instanceShape.slice(0, -1), instanceShape[instanceShape.length - 1] + 1];
        const read = (of: typeof part, shape: number[]) => () => decodeFile(bytes, of, file, shape);
        assert.equal((await bagRefusal(read(part, wider), file)).code, 'bag-width');
        const more = { ...part, instances: instances + 1 };
        assert.equal((await bagRefusal(read(more, instanceShape), file)).code, 'bag-format');
        const content = await decodeFile(bytes, part, file, instanceShape);
        assertContent(content, expected);
      });

      it(`stops reading ${name} when it is told to`, async () => {
        const { decode } = await openBytes(bytes);
        await assert.rejects(decode(AbortSignal.abort(new Error('enough'))));
      });
    }

    it('reads or refuses damaged files, and knows nothing third', async function () {
      this.timeout(20_000);
      for (const { bytes } of files)
        for (const damaged of noisyCopies(bytes, Math.ceil(noisyRuns / files.length)))
          await readOrRefuse(damaged, file, format);
    });
  });
}

/** What is read agrees with its own header; what is refused is refused by name. */
async function readOrRefuse(bytes: Uint8Array, file: BagFile, format: BagFormat): Promise<void> {
  try {
    const { header, decode } = await format.open(within(bytesInMemory(bytes)), file);
    const content = await decode();
    assert.deepEqual(header, headerOf(content));
    const values = header.instanceShape.reduce((product, size) => product * size, header.instances);
    assert.equal(content.features.length, values);
  } catch (thrown) {
    asRefusal(thrown, file);
  }
}

export function headerOf(content: BagContent): FileHeader {
  return {
    instances: content.instances,
    instanceShape: content.instanceShape,
    type: content.type,
    hasCoords: content.coords !== null,
    hasInstanceLabels: content.instanceLabels !== null,
    hasEdges: content.edges !== null,
  };
}

export function assertContent(content: BagContent, expected: ExpectedBag): void {
  const { features, type, instances, instanceShape } = content;
  assert.deepEqual([type, [instances, ...instanceShape]], [expected.type, expected.shape]);
  const stored = Buffer.from(features.buffer, features.byteOffset, features.byteLength);
  assert.equal(stored.toString('base64'), expected.features);
  const beside = [content.coords, content.instanceLabels, content.edges];
  const wanted = [expected.coords, expected.instanceLabels, expected.edges];
  assert.deepEqual(
    beside.map((array) => array && [...array]),
    wanted,
  );
  for (const array of [features, ...beside])
    assert.ok(array === null || array.buffer instanceof SharedArrayBuffer, 'compute threads see it');
}

/** As a network library may hand out what it received. */
function atOddOffset(bytes: Uint8Array): Uint8Array {
  const larger = new Uint8Array(bytes.length + 3).subarray(3);
  larger.set(bytes);
  return larger;
}

/** A source that is never asked for what it has not. */
function within(source: ByteSource): ByteSource {
  return {
    bytes: source.bytes,
    read: (start, length) => {
      const inside =
        Number.isSafeInteger(start) && start >= 0 && length >= 0 && start + length <= source.bytes;
      assert.ok(inside, `${start}+${length} of ${source.bytes}`);
      return source.read(start, length);
    },
  };
}
