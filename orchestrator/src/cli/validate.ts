/** `bagfleet validate`: whether a job file can be run, before anything is started. */
import type { JobSpec } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { checkJob, type JobCheck } from '../job-file/check-job.js';
import { withDataset } from './job-dataset.js';
import { type JobFlags, jobOf, withJob } from './options/job-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { paint, print, printJson } from './terminal.js';
import { countWords } from './words.js';

export const validate: CommandModule<unknown, JobFlags & JsonFlag> = {
  command: 'validate <job>',
  describe: 'Check a job file, its dataset and its model',
  builder: (parser) =>
    withJson(withJob(parser))
      .example('$0 validate job.yaml', 'Fields, manifest, splits, model, one bag')
      .example('$0 validate job.yaml --set train.batch=16 --json', 'Print the resolved job'),
  handler: async (flags) => {
    const job = await jobOf(flags);
    const check = await withDataset(job.data, job.store, (dataset) => checkJob(job, dataset));
    if (flags.json) return printJson({ job, ...check });
    for (const line of report(flags.job, job, check)) print(line);
  },
};

function report(file: string, job: JobSpec, { dataset, model, stepsPerEpoch, remarks }: JobCheck): string[] {
  const { train, val, test } = dataset.bags;
  const { epochs, batch } = job.train;
  return [
    `${paint('green', '✓')} ${file}: job ${job.name}`,
    `  data   ${dataset.name}: ${countWords(train, 'bag')} to train, ${val} to validate, ${test} to test`,
    `         instances [${dataset.instanceShape.join(', ')}], classes ${dataset.classes.join(', ')}`,
    `  model  ${model.name}: ${model.parameters.toLocaleString('en')} parameters`,
    `  train  ${countWords(epochs, 'epoch')} of ${countWords(stepsPerEpoch, 'step')}, ${countWords(batch, 'bag')} per step, on ${countWords(job.fleet.workers, 'worker')}`,
    `  store  ${job.store.uri}`,
    ...remarks.map((remark) => `${paint('yellow', '!')} ${remark}`),
  ];
}
