import assert from 'node:assert/strict';
import {
  expectedOf,
  judgeFirst,
  judgePiece,
  judgeSettled,
  MOST_READS,
} from '@bagfleet/worker/data/integrity/check-content';

const MD5 = '"9e107d9d372bb6826bd81d3542a419d6"';
const SHA = 'ab'.repeat(32);

describe('check the content', () => {
  it('believes the checksum first, then the record, then an etag that looks like an MD5', () => {
    const checksum = `sha256:${SHA}`;
    assert.deepEqual(expectedOf({ checksum }, MD5, 'cd'.repeat(32)), {
      by: 'checksum',
      name: 'sha256',
      digest: SHA,
    });
    assert.deepEqual(expectedOf({ checksum: 'crc32:0a0b0c0d' }, MD5, null), {
      by: 'checksum',
      name: 'crc32',
      digest: '0a0b0c0d',
    });
    assert.deepEqual(expectedOf({}, MD5, SHA), { by: 'record', name: 'sha256', digest: SHA });
    assert.deepEqual(expectedOf({}, MD5, null), { by: 'etag', name: 'md5', digest: MD5.slice(1, -1) });
    for (const etag of [`"${MD5.slice(1, -1)}-3"`, '"opaque"', ''])
      assert.deepEqual(expectedOf({}, etag, null), { by: 'nothing', name: 'sha256', digest: null });
  });

  it('an etag confirms and never refutes; a checksum and a record do both', () => {
    const etag = expectedOf({}, MD5, null);
    const checksum = expectedOf({ checksum: `sha256:${SHA}` }, '', null);
    const record = expectedOf({}, '', SHA);
    for (const expected of [etag, checksum, record]) {
      assert.equal(judgeFirst(expected, expected.digest ?? ''), 'right');
      assert.equal(judgeFirst(expected, 'other'), 'settle', 'never refused after one read');
      assert.equal(judgeSettled(expected, expected.digest ?? ''), 'right');
    }
    assert.equal(judgeSettled(etag, 'other'), 'record');
    assert.equal(judgeSettled(checksum, 'other'), 'wrong');
    assert.equal(judgeSettled(record, 'other'), 'wrong');
    assert.equal(judgeFirst(expectedOf({}, '', null), ''), 'settle', 'nothing confirms a first read');
  });

  it('a piece is settled by any two reads that agree, and not read for ever', () => {
    assert.equal(judgePiece(['a'], 'a'), 'settled');
    assert.equal(judgePiece(['a'], 'b'), 'again');
    assert.equal(judgePiece(['a', 'b'], 'a'), 'settled');
    const all = Array.from({ length: MOST_READS }, (_, i) => `read ${i}`);
    assert.equal(judgePiece(all.slice(0, -1), all[MOST_READS - 1]), 'unfit');
    assert.equal(judgePiece(all.slice(0, -2), all[MOST_READS - 1]), 'again');
  });
});
