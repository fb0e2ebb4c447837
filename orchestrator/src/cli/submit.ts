/**
 * `bagfleet submit`: checks a job, starts its run or goes on with one, follows it to the end.
 * In: a job file and flags. Out: a progress line while it trains and a table at the end, or one JSON value;
 * exit code 0 done, 1 failed, 2 bad input, 130 interrupted.
 */
import type { JobSpec } from '@bagfleet/proto';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { CommandModule } from 'yargs';
import { checkJob } from '../job-file/check-job.js';
import { findUnfinished } from '../submit/find-unfinished.js';
import { pinInitial } from '../submit/pin-initial.js';
import { type ResumedRun, resumeRun } from '../submit/resume-run.js';
import { startRun } from '../submit/start-run.js';
import { dryRun } from './dry-run.js';
import { followToEnd } from './follow-to-end.js';
import { withDataset } from './job-dataset.js';
import { type ClusterFlags, withCluster } from './options/cluster-flags.js';
import { type JobFlags, jobOf, withJob } from './options/job-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { followResumed, sayWait } from './resume.js';
import { settledJob } from './settled-job.js';
import { print, printJson, remark } from './terminal.js';

interface SubmitFlags extends JobFlags, ClusterFlags, JsonFlag {
  readonly detach: boolean;
  readonly dryRun: boolean;
  readonly resume?: 'auto' | undefined;
}

export const submit: CommandModule<unknown, SubmitFlags> = {
  command: 'submit <job>',
  describe: 'Start a run and follow it to its end',
  builder: (parser) =>
    withJson(withCluster(withJob(parser)))
      .option('dry-run', {
        type: 'boolean',
        default: false,
        describe: 'Check the job and print what would be started; start nothing',
      })
      .option('detach', {
        alias: 'd',
        type: 'boolean',
        default: false,
        describe: 'Start it and return at once',
      })
      .option('resume', {
        choices: ['auto'] as const,
        describe: 'Go on with the newest run of the same job that is not done, if there is one',
      })
      .example('$0 submit job.yaml --workers 2', 'Train with two worker processes')
      .example(
        '$0 submit job.yaml --set train.batch=16 --detach',
        'Start and return; see `bagfleet status`',
      ) as never,
  handler: async (flags) => {
    const { context = null } = flags;
    const { job, remarks } = await checked(await settledJob(await jobOf(flags), context));
    for (const sentence of remarks) remark(`note: ${sentence}`);
    if (flags.dryRun) return dryRun(job, flags.json);
    if (flags.resume === 'auto') {
      const resumed = await resumeUnfinished(job, context);
      if (resumed) return followResumed(resumed, flags);
      remark('note: no unfinished run of this job: a new one begins');
    }
    const started = await startRun(job, new Date(), context);
    if (flags.detach) {
      started.letGo();
      return flags.json ? printJson({ run: started.run, uri: started.uri }) : print(started.run);
    }
    if (!flags.json) remark(`run ${started.run} in ${job.store.uri}`);
    await followToEnd(job, started, flags.json);
  },
};

/** null when there is none. The fleet is as this job says, not as the run's was. */
async function resumeUnfinished(job: JobSpec, context: string | null): Promise<ResumedRun | null> {
  const runs = await openStore(job.store.uri, job.store);
  try {
    const run = await findUnfinished(runs, job, new Date(), sayWait);
    if (run === null) return null;
    remark(`note: ${run} is an unfinished run of this job: it goes on`);
    const onWait = (seconds: number) => sayWait(run, seconds);
    const { fleet, store: access } = job;
    return await resumeRun(runs, { run, workers: fleet.workers, access, context, onWait });
  } finally {
    runs.close();
  }
}

/** The job with its warm start pinned, and what may not be meant. */
async function checked(job: JobSpec): Promise<{ job: JobSpec; remarks: readonly string[] }> {
  return withDataset(job.data, job.store, async (dataset) => {
    const { remarks } = await checkJob(job, dataset);
    return { job: await pinInitial(job, dataset.manifest, process.cwd()), remarks };
  });
}
