/** `bagfleet cron run-now`: a night at once, on the cluster or on this machine. */
import { BagfleetError, type Night } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import type { FindCluster } from '../cron/cron-cluster.js';
import { findCron } from '../cron/cron-store.js';
import { runNight } from '../cron/night.js';
import { nightKey, parseNight } from '../cron/night-key.js';
import { errorOf } from '../cron/night-outcome.js';
import { trainHere } from '../cron/train-run.js';
import { showingProgress } from './data-progress.js';
import { interruptible } from './interruptible.js';
import { paintOutcome } from './night-state.js';
import { type CronArgument, withCron } from './options/cron-argument.js';
import { storeOptionsOf } from './options/store-flags.js';
import { withRunStore } from './run-store.js';
import { paintError, print, printJson, remark } from './terminal.js';

interface RunNowFlags extends CronArgument {
  readonly here: boolean;
  readonly night?: string | undefined;
}

export function cronRunNow(findCluster: FindCluster): CommandModule<unknown, RunNowFlags> {
  return {
    command: 'run-now <cron>',
    describe: 'Begin a night at once',
    builder: (parser) =>
      withCron(parser)
        .option('here', {
          type: 'boolean',
          default: false,
          describe: 'On this machine, to its end, instead of on the cluster',
        })
        .option('night', {
          type: 'string',
          requiresArg: true,
          describe: 'Time of a night that was begun before: goes on with it',
          defaultDescription: 'now',
        })
        .example('$0 cron run-now slides --here', 'Try it out with local processes'),
    handler: async (flags) => {
      const at = parseNight(flags.night ?? new Date().toISOString(), '--night');
      if (flags.here) return nightHere(flags, at);
      await withRunStore(flags, async (runs) => {
        const { value: cron } = await findCron(runs, flags.cron);
        const cluster = await findCluster(cron.job, flags.context ?? null);
        if (!cluster) throw noCluster(flags.cron);
        const job = await cluster.runNow(cron, at);
        if (flags.json) return printJson({ cron: cron.name, night: nightKey(at), job });
        print(`night ${nightKey(at)} begins as ${job}, on ${cluster.place}`);
      });
    },
  };
}

async function nightHere(flags: RunNowFlags, at: Date): Promise<void> {
  const access = storeOptionsOf(flags);
  const night = await interruptible((signal) =>
    showingProgress((progress) =>
      runNight({
        ...{
          access,
          name: flags.cron,
          at,
          startedBy: 'person',
          train: trainHere,
          engine: 'local',
          progress,
          signal,
        },
        now: () => new Date(),
        say: remark,
      }),
    ),
  );
  tell(night, flags.json);
}

function tell(night: Night, json: boolean): void {
  if (json) printJson(night);
  else print(`night ${night.key}: ${paintOutcome(night.outcome)}`);
  const error = errorOf(night);
  if (!error) return;
  remark(paintError(error.describe()));
  process.exitCode = error.exitCode;
}

function noCluster(cron: string): BagfleetError {
  return new BagfleetError('usage', 'no cluster is known to begin it on', {
    culprit: `cron ${cron}`,
    hint: `On this machine: \`bagfleet cron run-now ${cron} --here\`.`,
  });
}
