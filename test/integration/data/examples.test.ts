/** The example jobs are jobs. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { readJobText } from '@bagfleet/orchestrator/job-file/read-job-text';
import { parseJob } from '@bagfleet/proto';

const EXAMPLES = new URL('../../../examples/', import.meta.url);

describe('example jobs', () => {
  for (const [file, model] of [
    ['mnist-bags/job.yaml', 'lenet_abmil'],
    ['ucsb/job.yaml', 'abmil'],
    ['kubernetes/job.yaml', 'lenet_abmil'],
    ['kubernetes/gpu.yaml', 'abmil'],
    ['kubernetes/spot.yaml', 'abmil'],
  ])
    it(file, async () => {
      const job = parseJob(readJobText(await readFile(new URL(file, EXAMPLES), 'utf8'), file), file);
      assert.equal(job.model.name, model);
    });
});
