import assert from 'node:assert/strict';
import { readJobText } from '@bagfleet/orchestrator/job-file/read-job-text';
import { BagfleetError } from '@bagfleet/proto';

function refusal(text: string): BagfleetError {
  try {
    readJobText(text, 'job.yaml');
  } catch (thrown) {
    assert.ok(thrown instanceof BagfleetError, String(thrown));
    return thrown;
  }
  return assert.fail('it was accepted');
}

describe('read a job file', () => {
  it('reads YAML and JSON alike, tabs and comments included', () => {
    const expected = { name: 'a', train: { batch: 8, clipNorm: null }, list: [1, 2.5], flag: false };
    const yaml = '# a job\nname: a\ntrain:\n  batch: 8 # bags\n  clipNorm: ~\nlist: [1, 2.5]\nflag: false\n';
    assert.deepEqual(readJobText(yaml, 'job.yaml'), expected);
    assert.deepEqual(readJobText(JSON.stringify(expected, null, '\t'), 'job.json'), expected);
    assert.deepEqual(readJobText(JSON.stringify(expected), 'job.json'), expected);
  });

  it('reads words as YAML 1.2 does: `no` and `on` are text', () => {
    assert.deepEqual(readJobText('a: no\nb: on\nc: 0o17\n', 'job.yaml'), { a: 'no', b: 'on', c: 15 });
  });

  it('gives nothing for an empty file', () => {
    assert.equal(readJobText('# only a comment\n', 'job.yaml') ?? null, null);
  });

  it('names line and column of a mistake and shows the line', () => {
    const error = refusal('name: a\ntrain:\n  batch: [8\nseed: 1\n');
    assert.equal(error.code, 'job-invalid');
    assert.match(error.culprit ?? '', /^job\.yaml:[34]:\d+$/);
    assert.match(error.hint ?? '', /\n +\^$/);
  });

  it('refuses a field that stands there twice, with its place', () => {
    const error = refusal('train:\n  batch: 8\n  batch: 9\n');
    assert.equal(error.culprit, 'job.yaml:3:3');
    assert.match(error.message, /unique/i);
    assert.equal(error.hint, '  batch: 9\n    ^');
  });

  it('does not show a line that may hold a credential', () => {
    const error = refusal('store:\n  secretAccessKey: "abcdef\n');
    assert.doesNotMatch(error.describe(), /abcdef/);
  });

  it('refuses aliases that would grow without end', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefgh'.split('').map((name, i) => {
        const before = 'abcdefgh'[i];
        return `${name}: &${name} [*${before}, *${before}, *${before}, *${before}, *${before}, *${before}]`;
      }),
    ].join('\n');
    assert.match(refusal(bomb).message, /alias/i);
  });
});
