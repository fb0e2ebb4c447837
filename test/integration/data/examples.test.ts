/** The example jobs are jobs. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { parseJob } from '@bagfleet/proto';
import { parse } from 'yaml';

const EXAMPLES = new URL('../../../examples/', import.meta.url);

describe('example jobs', () => {
  for (const [file, model] of [['mnist-bags/job.yaml', 'lenet_abmil'], ['ucsb/job.yaml', 'abmil']])
    it(file, async () => {
      const job = parseJob(parse(await readFile(new URL(file, EXAMPLES), 'utf8')), file);
      assert.equal(job.model.name, model);
    });
});
