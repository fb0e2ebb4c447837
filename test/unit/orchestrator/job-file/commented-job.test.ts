import assert from 'node:assert/strict';
import { commentedJob, wrapWords } from '@bagfleet/orchestrator/job-file/commented-job';
import { readJobText } from '@bagfleet/orchestrator/job-file/read-job-text';
import { fieldsBelow, jobJsonSchema, parseJob } from '@bagfleet/proto';
import fc from 'fast-check';

const text = commentedJob(jobJsonSchema(), { 'data.manifest': 'data/manifest.json' });

describe('the commented job file', () => {
  it('parses to the job with all defaults', () => {
    const plain = parseJob({ data: { manifest: 'data/manifest.json' } }, 'plain');
    assert.deepEqual(parseJob(readJobText(text, 'job.yaml'), 'job.yaml'), plain);
  });

  it('says of each field what it means', () => {
    const spoken = text.replace(/\n *# /g, ' ');
    for (const field of fieldsBelow(jobJsonSchema())) {
      const inside =
        /^(data\.(normalize|graph|diskCache|augment\.colorJitter)|model\.initial|train\.ema|validation\.(earlyStop|threshold)|store\.encryption)\./.test(
          field.path,
        );
      if (!inside) assert.ok(spoken.includes(field.description), field.path);
    }
  });

  it('has no line that a terminal of 100 columns would break', () => {
    assert.deepEqual(
      text.split('\n').filter((line) => line.length > 100),
      [],
    );
  });

  it('quotes given values where YAML needs it', () => {
    const odd = 'a: b # "c"';
    const written = commentedJob(jobJsonSchema(), { 'data.manifest': odd, 'store.uri': undefined });
    const job = parseJob(readJobText(written, 'job.yaml'), 'job.yaml');
    assert.equal(job.data.manifest, odd);
    assert.equal(job.store.uri, './runs');
  });
});

describe('wrapped words', () => {
  it('keep every word, in lines that fit unless one word does not', () => {
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { maxLength: 20 });
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 30 }), (list, width) => {
        const lines = wrapWords(list.join(' '), width);
        assert.equal(lines.join(' '), list.join(' '));
        for (const line of lines) assert.ok(line.length <= width || !line.includes(' '), line);
      }),
    );
  });
});
