/**
 * `bagfleet submit`: checks a job, starts its run, follows it to the end.
 * In: a job file and flags. Out: a progress line while it trains and a table at the end, or one JSON value;
 * exit code 0 done, 1 failed, 2 bad input, 130 interrupted.
 */
import type { JobSpec } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { checkJob } from '../job-file/check-job.js';
import { startRun } from '../submit/start-run.js';
import { followToEnd } from './follow-to-end.js';
import { withDataset } from './job-dataset.js';
import { type JobFlags, jobOf, withJob } from './options/job-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { print, printJson, remark } from './terminal.js';

interface SubmitFlags extends JobFlags, JsonFlag {
  readonly detach: boolean;
}

export const submit: CommandModule<unknown, SubmitFlags> = {
  command: 'submit <job>',
  describe: 'Start a run and follow it to its end',
  builder: (parser) =>
    withJson(withJob(parser))
      .option('detach', {
        alias: 'd',
        type: 'boolean',
        default: false,
        describe: 'Start it and return at once',
      })
      .example('$0 submit job.yaml --workers 2', 'Train with two worker processes')
      .example(
        '$0 submit job.yaml --set train.batch=16 --detach',
        'Start and return; see `bagfleet status`',
      ) as never,
  handler: async (flags) => {
    const job = await jobOf(flags);
    for (const sentence of await remarksOn(job)) remark(`note: ${sentence}`);
    const started = await startRun(job, new Date());
    if (flags.detach) {
      started.letGo();
      return flags.json ? printJson({ run: started.run, uri: started.uri }) : print(started.run);
    }
    if (!flags.json) remark(`run ${started.run} in ${job.store.uri}`);
    await followToEnd(job, started, flags.json);
  },
};

async function remarksOn(job: JobSpec): Promise<readonly string[]> {
  const check = await withDataset(job.data, job.store, (dataset) => checkJob(job, dataset));
  return check.remarks;
}
