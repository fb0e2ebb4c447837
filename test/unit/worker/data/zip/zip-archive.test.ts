/** ZIP archives: honest ones are read entry by entry, lies are refused before they cost anything. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { createDeflateRaw } from 'node:zlib';
import { bytesInMemory } from '@bagfleet/worker/data/formats/byte-sources';
import { openZip } from '@bagfleet/worker/data/zip/zip-archive';
import fc from 'fast-check';
import { asRefusal, bagRefusal } from '../../../../support/bag-refusal.js';
import { madeUpZip, type ZipForm, type ZipPart } from '../../../../support/made-up-zip.js';
import { noisyCopies } from '../../../../support/noisy-bytes.js';

const file = { bag: 'b7', file: 'bags/b7.zip' };
const open = (bytes: Uint8Array) => openZip(bytesInMemory(bytes), file);
const text = (content: string) => Buffer.from(content);

/** Name and content of every entry. */
async function contents(bytes: Uint8Array): Promise<[string, Buffer][]> {
  const zip = await open(bytes);
  return Promise.all(
    [...zip.entries.values()].map(
      async (entry): Promise<[string, Buffer]> => [entry.name, Buffer.from(await zip.read(entry))],
    ),
  );
}

const refusal = (bytes: Uint8Array) => bagRefusal(() => contents(bytes), file);

/** A source that says what was read of it. */
function watched(bytes: Uint8Array) {
  const reads: [number, number][] = [];
  const source = bytesInMemory(bytes);
  return {
    reads,
    source: {
      bytes: source.bytes,
      read: (start: number, length: number) => {
        assert.ok(start >= 0 && length >= 0 && start + length <= bytes.length, `${start}+${length}`);
        reads.push([start, length]);
        return source.read(start, length);
      },
    },
  };
}

describe('zip archive', () => {
  const honest: ZipPart[] = [
    { name: 'a.txt', content: text('stored') },
    { name: 'folder/', content: text('') },
    { name: 'folder/größe.txt', content: text('deflated '.repeat(1000)), deflate: true },
    { name: 'empty', content: text('') },
    { name: 'empty-too', content: text(''), deflate: true },
    { name: 'padded', content: text('aligned'), padding: 37 },
  ];

  for (const form of [{}, { zip64: true }, { comment: 'made by hand' }, { comment: 'x'.repeat(65_535) }])
    it(`reads every entry: ${JSON.stringify(form).slice(0, 40)}`, async () => {
      const wanted = honest
        .filter(({ name }) => !name.endsWith('/'))
        .map(({ name, content }) => [name, content]);
      assert.deepEqual(await contents(madeUpZip(honest, form)), wanted);
    });

  it('reads whatever was packed', async () => {
    const part = fc.record({
      content: fc.uint8Array({ maxLength: 300 }),
      deflate: fc.boolean(),
      padding: fc.nat(20),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), fc.boolean(), async (parts, zip64) => {
        const named = parts.map((one, i) => ({ ...one, name: `${i}` }));
        const read = await contents(madeUpZip(named, { zip64 }));
        assert.deepEqual(
          read,
          named.map(({ name, content }) => [name, Buffer.from(content)]),
        );
      }),
      { numRuns: 50 },
    );
  });

  it('reads the directory in one range, and of the entries only what is asked for', async () => {
    const big = { name: 'big', content: Buffer.alloc(100_000, 7) };
    const { source, reads } = watched(madeUpZip([{ name: 'small', content: text('!') }, big]));
    const zip = await openZip(source, file);
    assert.equal(reads.length, 1);
    assert.ok(reads[0][0] > 80_000);
    const [small] = zip.entries.values();
    assert.equal(Buffer.from(await zip.read(small)).toString(), '!');
    assert.ok(reads.slice(1).every(([start, length]) => start + length < 100));
  });

  it('reads a directory that is longer than the tail', async () => {
    const many = Array.from({ length: 2000 }, (_, i) => ({ name: `tiles/${i}.png`, content: text(`${i}`) }));
    const { source, reads } = watched(madeUpZip(many));
    assert.equal((await openZip(source, file)).entries.size, 2000);
    assert.equal(reads.length, 2);
  });

  it('unpacks the beginning of an entry without the rest', async () => {
    const noise = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * i * 31) % 251));
    const { source, reads } = watched(madeUpZip([{ name: 'a', content: noise, deflate: true }]));
    const zip = await openZip(source, file);
    const [entry] = zip.entries.values();
    reads.length = 0;
    assert.deepEqual(Buffer.from(await zip.readStart(entry, 256)), noise.subarray(0, 256));
    assert.ok(reads.every(([, length]) => length <= 256 + 1024));
    assert.equal((await zip.readStart(entry, 60_000)).length, 50_000);
  });

  const content = text('some content that is long enough');
  const lies: [what: string, parts: ZipPart[], message: RegExp, form?: ZipForm][] = [
    ['..', [{ name: '../../etc/passwd', content }], /leads out of the archive/],
    ['.. inside', [{ name: 'a/../../b', content }], /leads out of the archive/],
    ['absolute', [{ name: '/etc/passwd', content }], /absolute path/],
    ['a drive', [{ name: 'C:/windows', content }], /absolute path/],
    ['backslashes', [{ name: '..\\b', content }], /backslash/],
    ['a zero byte', [{ name: 'a\0.png', content }], /zero byte/],
    ['no name', [{ name: '', content }], /no name/],
    [
      'a name given twice',
      [
        { name: 'a', content },
        { name: 'a', content },
      ],
      /two entries a/,
    ],
    [
      'overlap',
      [
        { name: 'a', content },
        { name: 'b', content, claims: { start: 0 } },
      ],
      /reaches into/,
    ],
    [
      'content into the next',
      [
        { name: 'a', content, claims: { packedBytes: 40, bytes: 40 } },
        { name: 'b', content },
      ],
      /entry a reaches into/,
    ],
    ['an entry beyond the file', [{ name: 'a', content, claims: { start: 5000 } }], /reaches into/],
    [
      'sizes that cannot be',
      [{ name: 'a', content, claims: { bytes: 2 ** 60 } }],
      /sizes that cannot be/,
      { zip64: true },
    ],
    ['a stored size', [{ name: 'a', content, claims: { bytes: 7 } }], /claims 7 bytes from 32/],
    [
      'a bomb that claims gigabytes',
      [{ name: 'a', content, deflate: true, claims: { bytes: 4e9 } }],
      /claims 4000000000 bytes from \d+, which cannot be/,
    ],
    [
      'a bomb that claims little',
      [{ name: 'a', content: Buffer.alloc(5e6), deflate: true, claims: { bytes: 100 } }],
      /unpacks to more bytes, the directory says 100/,
    ],
    [
      'less than it claims',
      [{ name: 'a', content: Buffer.alloc(50), deflate: true, claims: { bytes: 51 } }],
      /unpacks to 50 bytes, the directory says 51/,
    ],
    ['no deflate', [{ name: 'a', content, claims: { method: 8 } }], /cannot be unpacked/],
    ['another method', [{ name: 'a', content, claims: { method: 14 } }], /packed by method 14/],
    ['a password', [{ name: 'a', content, claims: { flags: 1 } }], /encrypted/],
    ['a wrong checksum', [{ name: 'a', content, claims: { crc32: 1 } }], /checksum of its entry a is wrong/],
    ['fewer entries than it says', [{ name: 'a', content }], /has 1 entries, but claims 2/, { count: 2 }],
  ];
  for (const [what, parts, message, form] of lies)
    it(`refuses ${what}`, async () => {
      const error = await refusal(madeUpZip(parts, form));
      assert.equal(error.code, 'bag-format');
      assert.match(error.message, message);
    });

  it('stops a bomb at what it claims, before it fills the memory', async () => {
    const deflate = createDeflateRaw({ level: 1 });
    const packed = buffer(deflate);
    for (let mebibyte = 0; mebibyte < 192; mebibyte++)
      if (!deflate.write(Buffer.alloc(2 ** 20))) await once(deflate, 'drain');
    deflate.end();
    const bomb = { name: 'a', content: await packed, claims: { method: 8, bytes: 100_000, crc32: 1 } };
    const before = process.resourceUsage().maxRSS;
    assert.match(
      (await refusal(madeUpZip([bomb]))).message,
      /unpacks to more bytes, the directory says 100000/,
    );
    const kibibytes = process.resourceUsage().maxRSS - before;
    assert.ok(kibibytes < 64 * 1024, `${kibibytes} KiB`);
  });

  it('refuses an entry whose local header is not there', async () => {
    const zip = madeUpZip([{ name: 'a', content }]);
    zip[0] = 0;
    assert.match((await refusal(zip)).message, /does not begin where/);
  });

  it('cut anywhere it is truncated, and what is no archive is told so', async () => {
    const whole = madeUpZip(honest, { zip64: true });
    for (let length = 0; length < whole.length; length++)
      assert.equal((await refusal(whole.subarray(0, length))).code, 'bag-truncated');
    const other = await refusal(text('\x93NUMPY and so on, but no archive'));
    assert.equal(other.code, 'bag-format');
    assert.match(other.message, /does not begin as a ZIP archive/);
  });

  it('noise is read or refused, and nothing is read outside of the file', async () => {
    for (const form of [{ zip64: true }, {}])
      for (const bytes of noisyCopies(madeUpZip(honest, form), 1500)) {
        const { source } = watched(bytes);
        try {
          const zip = await openZip(source, file);
          for (const entry of zip.entries.values()) {
            await zip.readStart(entry, 10);
            await zip.read(entry);
          }
        } catch (thrown) {
          asRefusal(thrown, file);
        }
      }
  });
});
