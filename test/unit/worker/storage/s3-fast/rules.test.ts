/** The pure rules of fast reading: heads, verdicts, ranges, patience. */
import assert from 'node:assert/strict';
import { isTooSlow, pauseBefore } from '@bagfleet/worker/storage/s3-fast/patience';
import { rangeVerdict } from '@bagfleet/worker/storage/s3-fast/range-answer';
import { rangePlan } from '@bagfleet/worker/storage/s3-fast/range-plan';
import { responseHead, WrongAnswer } from '@bagfleet/worker/storage/s3-fast/response-head';
import fc from 'fast-check';

const head = (text: string) => responseHead(Buffer.from(text, 'latin1'));
const answer = (status: number, headers: Record<string, string>) => ({
  ...{ status, headers: new Map(Object.entries(headers)), bodyAt: 0 },
});

describe("the head of a server's answer", () => {
  const whole = 'HTTP/1.1 206 Partial Content\r\nETag: "a"\r\ncontent-length:5\r\nX: 1:2 \r\n\r\nhello';

  it('is read wherever it is cut', () => {
    for (let length = 0; length < whole.indexOf('\r\n\r\n') + 4; length++)
      assert.equal(head(whole.slice(0, length)), null);
    const { status, headers, bodyAt } = head(whole) ?? assert.fail();
    assert.deepEqual([status, whole.slice(bodyAt)], [206, 'hello']);
    assert.deepEqual(
      [...headers],
      [
        ['etag', '"a"'],
        ['content-length', '5'],
        ['x', '1:2'],
      ],
    );
  });

  it('is refused if it is none', () => {
    for (const text of [
      'SSH-2.0-x\r\n\r\n',
      'HTTP/2 200\r\n\r\n',
      'HTTP/1.1 999 x\r\n\r\n',
      'HTTP/1.1 200 OK\r\nno colon\r\n\r\n',
    ])
      assert.throws(() => head(text), WrongAnswer, text);
  });

  it('is read or refused, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        try {
          responseHead(Buffer.concat([Buffer.from('HTTP/1.1 206 x\r\n'), noise, Buffer.from('\r\n\r\n')]));
        } catch (error) {
          assert.ok(error instanceof WrongAnswer);
        }
      }),
    );
  });
});

describe('the verdict on an answer', () => {
  const range = { start: 10, length: 5 };
  const good = { 'content-length': '5', 'content-range': 'bytes 10-14/100', etag: '"a"' };

  it('is the body if it is the very range', () => {
    assert.deepEqual(rangeVerdict(answer(206, good), range), { kind: 'body', etag: '"a"' });
    const whole = { 'content-length': '5', etag: '"a"' };
    assert.deepEqual(rangeVerdict(answer(200, whole), { start: 0, length: 5 }), {
      kind: 'body',
      etag: '"a"',
    });
  });

  it('is left to the SDK if anything is otherwise', () => {
    const others: [status: number, headers: Record<string, string>][] = [
      [200, good],
      [206, { ...good, 'content-range': 'bytes 10-13/100' }],
      [206, { ...good, 'content-range': 'bytes 11-15/100' }],
      [206, { 'content-length': '5', etag: '"a"' }],
      [206, { 'content-length': '5', 'content-range': 'bytes 10-14/100' }],
      [301, {}],
      [403, {}],
      [404, {}],
      [416, {}],
    ];
    for (const [status, headers] of others)
      assert.deepEqual(rangeVerdict(answer(status, headers), range), { kind: 'other' });
    assert.throws(
      () => rangeVerdict(answer(206, { 'transfer-encoding': 'chunked', etag: 'a' }), range),
      WrongAnswer,
    );
  });

  it('is patience with a server that is busy, for as long as it asks, within limits', () => {
    assert.deepEqual(rangeVerdict(answer(503, {}), range), { kind: 'busy', pauseMs: 0 });
    assert.deepEqual(rangeVerdict(answer(429, { 'retry-after': '2' }), range), {
      kind: 'busy',
      pauseMs: 2000,
    });
    assert.deepEqual(rangeVerdict(answer(500, { 'retry-after': '99999' }), range), {
      kind: 'busy',
      pauseMs: 30_000,
    });
    assert.deepEqual(rangeVerdict(answer(503, { 'retry-after': 'Fri' }), range), {
      kind: 'busy',
      pauseMs: 0,
    });
  });

  it('is that the object has changed', () => {
    assert.deepEqual(rangeVerdict(answer(412, {}), range), { kind: 'changed' });
  });
});

describe('the ranges of an object', () => {
  it('follow one another without a hole, none small or large', () => {
    fc.assert(
      fc.property(fc.nat(1e6), fc.integer({ min: 1, max: 5e8 }), (start, bytes) => {
        const ranges = rangePlan(start, bytes);
        let at = start;
        for (const range of ranges) {
          assert.equal(range.start, at);
          at += range.length;
        }
        assert.equal(at, start + bytes);
        const lengths = ranges.map(({ length }) => length);
        assert.ok(Math.max(...lengths) <= 12 << 20);
        if (ranges.length > 1) assert.ok(Math.min(...lengths) >= 6 << 20);
      }),
    );
  });
});

describe('patience', () => {
  it('pauses longer after each failure, up to 5 s, and as long as the server asks', () => {
    assert.deepEqual(
      [1, 2, 3, 9].map((failed) => pauseBefore(failed, 0, 0.999_999)),
      [49, 99, 199, 4999],
    );
    assert.equal(pauseBefore(1, 700, 0.5), 700);
    assert.equal(pauseBefore(3, 0, 0), 0);
  });

  it('ends with a connection that crawls, but not the last one', () => {
    assert.equal(isTooSlow(0, 3999, 1), false);
    assert.equal(isTooSlow(200_000, 4000, 1), true);
    assert.equal(isTooSlow(300_000, 4000, 1), false);
    assert.equal(isTooSlow(0, 60_000, 0), false);
  });
});
