/** `bagfleet cron apply`: makes a cron of a job file, or changes one. */
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { CommandModule } from 'yargs';
import { type AppliedCron, applyCron } from '../cron/apply-cron.js';
import { type CronCluster, currentClock, type FindCluster } from '../cron/cron-cluster.js';
import { type CronWords, USUAL_MARGIN } from '../cron/cron-words.js';
import { dataWords } from '../cron/night-words.js';
import { nextTime } from '../cron/schedule.js';
import { placeFrom } from '../job-file/resolve-paths.js';
import { refuseUnreachable } from '../job-file/settle-in-cluster.js';
import { showingProgress } from './data-progress.js';
import { type ClusterFlags, withCluster } from './options/cluster-flags.js';
import { parseDuration } from './options/duration-word.js';
import { type JobFlags, jobOf, withJob } from './options/job-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { settledJob } from './settled-job.js';
import { print, printJson, remark } from './terminal.js';

interface ApplyFlags extends JobFlags, ClusterFlags, JsonFlag {
  readonly schedule: string;
  readonly timeZone: string;
  readonly labels?: string | undefined;
  readonly holdOut?: string | undefined;
  readonly promoteIf?: string | undefined;
  readonly margin?: number | undefined;
  readonly tag: string;
  readonly from: 'tag' | 'scratch';
  readonly startingDeadline: string;
}

const GROUP = 'Nights:';

export function cronApply(findCluster: FindCluster): CommandModule<unknown, ApplyFlags> {
  return {
    command: 'apply <job>',
    describe: 'Make a cron of a job file, or change one',
    builder: (parser) =>
      withJob(withCluster(withJson(parser)))
        .option('schedule', {
          group: GROUP,
          type: 'string',
          requiresArg: true,
          demandOption: true,
          describe: 'When: minute, hour, day of month, month, day of week',
        })
        .option('time-zone', {
          group: GROUP,
          type: 'string',
          requiresArg: true,
          default: 'Etc/UTC',
          describe: 'Whose hours are meant',
        })
        .option('labels', {
          group: GROUP,
          type: 'string',
          requiresArg: true,
          describe: 'CSV file or URI with the labels',
          defaultDescription: 'labels.csv in the data folder',
        })
        .option('hold-out', {
          group: GROUP,
          type: 'string',
          requiresArg: true,
          describe: 'Manifest whose bags decide, pinned anew',
          defaultDescription: "the job's test bags, pinned once",
        })
        .option('promote-if', {
          group: GROUP,
          type: 'string',
          requiresArg: true,
          describe: 'The gate, such as "auc >= production - 0.005 and sensitivity >= 0.9"',
          defaultDescription: 'no worse than production, nor than the best ever promoted minus the margin',
        })
        .option('margin', {
          group: GROUP,
          type: 'number',
          requiresArg: true,
          describe: 'What a model may fall below the best ever promoted, in the usual gate',
          defaultDescription: String(USUAL_MARGIN),
        })
        .option('tag', {
          group: GROUP,
          type: 'string',
          requiresArg: true,
          default: 'production',
          describe: 'The tag that a promoted model gets',
        })
        .option('from', {
          group: GROUP,
          choices: ['tag', 'scratch'] as const,
          default: 'tag' as const,
          describe: 'What a night begins with',
        })
        .option('starting-deadline', {
          group: GROUP,
          type: 'string',
          requiresArg: true,
          default: '1h',
          describe: 'A night that was missed is still begun for so long',
        })
        .example('$0 cron apply job.yaml --schedule "0 2 * * *" --time-zone Europe/Madrid', '') as never,
    handler: async (flags) => {
      const { context = null } = flags;
      const job = await settledJob(await jobOf(flags), context);
      const runs = await openStore(job.store.uri, job.store);
      try {
        const words = wordsOf(flags, job.name);
        if (words.labels !== null) refuseUnreachable(job, '--labels', words.labels);
        const now = new Date();
        const applied = await showingProgress((progress) => applyCron({ runs, job, words, now, progress }));
        const cluster = await findCluster(job, context);
        await cluster?.apply(applied.cron);
        tell(applied, cluster, flags.json, now);
      } finally {
        runs.close();
      }
    },
  };
}

function wordsOf(flags: ApplyFlags, name: string): CronWords {
  const place = (words: string | undefined) => (words === undefined ? null : placeFrom(process.cwd(), words));
  return {
    name,
    schedule: flags.schedule,
    timeZone: flags.timeZone,
    labels: place(flags.labels),
    holdOut: place(flags.holdOut),
    gate: flags.promoteIf ?? null,
    margin: flags.margin ?? null,
    tag: flags.tag,
    from: flags.from,
    startingDeadline: Math.round(parseDuration(flags.startingDeadline, '--starting-deadline') / 1000),
  };
}

function tell(
  { cron, data, remarks }: AppliedCron,
  cluster: CronCluster | null,
  json: boolean,
  now: Date,
): void {
  const next = nextTime(currentClock(cron), now)?.toISOString() ?? null;
  if (json) return printJson({ cron, data, remarks, next, clock: cluster?.place ?? null });
  for (const sentence of remarks) remark(`note: ${sentence}`);
  print(`${cron.name}: ${dataWords(data)}`);
  print(`promoted to ${cron.tag} if ${cron.gate}`);
  if (cluster) return print(`next night ${next}, by ${cluster.place}`);
  remark(
    `note: no cluster keeps its clock: nights begin with \`bagfleet cron run-now ${cron.name} --here\` only`,
  );
}
