import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { readJobText } from '@bagfleet/orchestrator/job-file/read-job-text';
import { referencePage } from '@bagfleet/orchestrator/job-file/reference-page';
import { fieldsBelow, jobJsonSchema, parseJob } from '@bagfleet/proto';

const page = referencePage(jobJsonSchema());

describe('the reference page of the job file', () => {
  it('is current in docs/', async () => {
    const committed = await readFile(new URL('../../../../docs/job-file.md', import.meta.url), 'utf8');
    assert.equal(committed, page, 'run `npx tsx scripts/generate-job-docs.ts`');
  });

  it('has one row per field, in one table', () => {
    for (const field of fieldsBelow(jobJsonSchema())) {
      const rows = page.split('\n').filter((line) => line.startsWith(`| \`${field.path}\` |`));
      assert.equal(rows.length, field.section ? 0 : 1, field.path);
    }
  });

  it('shows an example that is a valid job', () => {
    const example = /```yaml\n([\s\S]*?)```/.exec(page)?.[1] ?? '';
    assert.equal(parseJob(readJobText(example, 'example'), 'example').train.batch, 8);
  });
});
