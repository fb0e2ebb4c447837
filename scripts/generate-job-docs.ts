/**
 * Writes docs/job-file.md from the job schema; with --check it only says whether the page is current.
 *   npx tsx scripts/generate-job-docs.ts [--check]
 */
import { readFile, writeFile } from 'node:fs/promises';
import { referencePage } from '@bagfleet/orchestrator/job-file/reference-page';
import { jobJsonSchema } from '@bagfleet/proto';

const page = new URL('../docs/job-file.md', import.meta.url);
const expected = referencePage(jobJsonSchema());
if (process.argv.includes('--check')) {
  const current = await readFile(page, 'utf8').catch(() => '');
  if (current !== expected) {
    console.error('docs/job-file.md is not current: run `npx tsx scripts/generate-job-docs.ts`.');
    process.exitCode = 1;
  }
} else {
  await writeFile(page, expected);
}
