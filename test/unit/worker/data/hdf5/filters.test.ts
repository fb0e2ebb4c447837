/** Filters of chunks against plain twins: what a filter packs, from lists of what it is to unpack to. */
import assert from 'node:assert/strict';
import { deflateSync } from 'node:zlib';
import { unpackDeflate } from '@bagfleet/worker/data/hdf5/filters/deflate';
import { checkFletcher32 } from '@bagfleet/worker/data/hdf5/filters/fletcher32';
import { unpackLzf } from '@bagfleet/worker/data/hdf5/filters/lzf';
import { unshuffle } from '@bagfleet/worker/data/hdf5/filters/shuffle';
import { Turns } from '@bagfleet/worker/data/hdf5/turns';
import fc from 'fast-check';

/** A run of literal bytes, or a copy of `length` bytes from `back` bytes before. */
type Step = { readonly literal: Uint8Array } | { readonly back: number; readonly length: number };

const turns = () => new Turns();

/** Packs steps as LibLZF writes them, and unpacks them byte by byte into a list. */
function lzfOf(steps: readonly Step[]): { packed: Uint8Array; plain: number[] } {
  const packed: number[] = [];
  const plain: number[] = [];
  for (const step of steps)
    if ('literal' in step) {
      packed.push(step.literal.length - 1, ...step.literal);
      plain.push(...step.literal);
    } else {
      const back = 1 + ((step.back - 1) % plain.length);
      const [length, high, low] = [step.length - 2, (back - 1) >> 8, (back - 1) & 0xff];
      packed.push(...(length < 7 ? [(length << 5) | high, low] : [(7 << 5) | high, length - 7, low]));
      for (let i = 0; i < step.length; i++) plain.push(plain[plain.length - back]);
    }
  return { packed: Uint8Array.from(packed), plain };
}

const literal = fc.uint8Array({ minLength: 1, maxLength: 32 }).map((bytes): Step => ({ literal: bytes }));
const copy = fc.record({ back: fc.integer({ min: 1, max: 8192 }), length: fc.integer({ min: 3, max: 264 }) });
const lzf = fc
  .tuple(literal, fc.array(fc.oneof(literal, copy), { maxLength: 30 }))
  .map(([first, others]) => lzfOf([first, ...others]));

describe('filters of HDF5', () => {
  it('lzf gives what its steps say', async () => {
    await fc.assert(
      fc.asyncProperty(lzf, async ({ packed, plain }) => {
        assert.deepEqual([...(await unpackLzf(packed, plain.length, turns()))], plain);
      }),
    );
  });

  it('lzf gives no byte more than it may, and points at none before its first', async () => {
    const { packed, plain } = lzfOf([{ literal: Uint8Array.of(1, 2, 3) }, { back: 2, length: 200 }]);
    await assert.rejects(unpackLzf(packed, plain.length - 1, turns()), /give more bytes/);
    await assert.rejects(unpackLzf(packed.subarray(0, -1), plain.length, turns()), /end too early/);
    await assert.rejects(unpackLzf(packed.subarray(0, 2), 100, turns()), /end too early/);
    await assert.rejects(unpackLzf(Uint8Array.of(0, 9, 0x20, 1), 10, turns()), /before their beginning/);
    await assert.rejects(unpackLzf(packed, 2 ** 40, turns()), /too few/);
  });

  it('lzf refuses or reads any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), fc.nat(2000), async (packed, most) => {
        const read = await unpackLzf(packed, most, turns()).catch((thrown: unknown) => thrown);
        if (read instanceof Uint8Array) assert.ok(read.length <= most);
        else assert.ok(read instanceof RangeError, String(read));
      }),
    );
  });

  it('shuffle puts each byte back', async () => {
    const given = fc.tuple(fc.uint8Array({ maxLength: 100 }), fc.integer({ min: 1, max: 9 }));
    await fc.assert(
      fc.asyncProperty(given, async ([bytes, width]) => {
        const count = Math.floor(bytes.length / width);
        const place = (i: number) => (i < count * width ? (i % width) * count + Math.floor(i / width) : i);
        const shuffled = new Uint8Array(bytes.length);
        bytes.forEach((byte, i) => {
          shuffled[place(i)] = byte;
        });
        assert.deepEqual(await unshuffle(shuffled, width, turns()), bytes);
      }),
    );
  });

  it("fletcher32 adds up as Fletcher's checksum of any length does", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
        const [first, second] = fletcherOf(bytes);
        const sums = Buffer.alloc(4);
        sums.writeUInt16LE(first, 0);
        sums.writeUInt16LE(second, 2);
        const whole = Buffer.concat([bytes, sums]);
        assert.deepEqual(Buffer.from((await checkFletcher32(whole, turns())) ?? []), Buffer.from(bytes));
        if (bytes.length === 0) return;
        whole[bytes.length >> 1] ^= 1;
        assert.equal(await checkFletcher32(whole, turns()), null);
      }),
    );
  });

  it('deflate gives no byte more than it may, in this thread or another', async () => {
    for (const length of [100, 300_000]) {
      const packed = deflateSync(Buffer.alloc(length, 7));
      assert.equal((await unpackDeflate(packed, length)).length, length);
      await assert.rejects(unpackDeflate(packed, length - 1), /give more bytes/);
      await assert.rejects(unpackDeflate(packed.subarray(0, -6), length), /unexpected end/);
    }
  });
});

/** Sums modulo 65535, in which 0 is written as 65535 where anything was added. */
function fletcherOf(bytes: Uint8Array): [number, number] {
  let [first, second, any] = [0n, 0n, false];
  for (let at = 0; at < bytes.length; at += 2) {
    const word = BigInt(bytes[at]) * 256n + BigInt(bytes[at + 1] ?? 0);
    first += word;
    second += first;
    any ||= word > 0n;
  }
  const folded = (sum: bigint) => (any && sum % 65535n === 0n ? 65535 : Number(sum % 65535n));
  return [folded(first), folded(second)];
}
