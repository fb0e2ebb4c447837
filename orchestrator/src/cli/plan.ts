/** `bagfleet plan`: how a job would lie on fleets of several sizes, and how long an epoch would take, without a fleet. */
import { availableParallelism } from 'node:os';
import { bagsOfSplit, INITIAL_COSTS, type JobSpec } from '@bagfleet/proto';
import { instancesSeen } from '@bagfleet/proto/instances-seen';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { planEpoch } from '@bagfleet/worker/train/epoch-plan';
import type { CommandModule } from 'yargs';
import type { FleetCosts, FleetLink } from '../forecast/fleet-costs.js';
import { type ForecastInput, forecastEpoch } from '../forecast/forecast-epoch.js';
import { measureCosts } from '../forecast/measure-costs.js';
import { measureCrowding } from '../forecast/measure-crowding.js';
import { median } from '../forecast/median.js';
import { whereItStops } from '../forecast/where-it-stops.js';
import { checkJob } from '../job-file/check-job.js';
import { placesOf } from '../launch/worker-places.js';
import { showingProgress } from './data-progress.js';
import { epochBalance } from './epoch-balance.js';
import { withDataset } from './job-dataset.js';
import { type JobFlags, jobOf, withJob } from './options/job-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { fleetWords } from './place-words.js';
import { fleetTable, limitWords, originWords, workerTable } from './plan-words.js';
import { costsOfRun } from './recorded-costs.js';
import { print, printJson } from './terminal.js';
import { countWords } from './words.js';

/** Fleets to compare, besides the job's own. */
const FLEETS = [1, 2, 4, 8, 16, 32];
/** Of processes on one machine, and of machines in one rack. */
const LATENCY_MS = 0.5;

interface PlanFlags extends JobFlags, JsonFlag {
  readonly costs?: string | undefined;
  readonly gbits: number;
}

export const plan: CommandModule<unknown, PlanFlags> = {
  command: 'plan <job>',
  describe: 'Forecast epochs on fleets of several sizes',
  builder: (parser) =>
    withJson(withJob(parser))
      .option('costs', {
        type: 'string',
        requiresArg: true,
        describe: 'Run whose recorded times are taken; without it they are measured here',
      })
      .option('gbits', {
        type: 'number',
        requiresArg: true,
        default: 10,
        describe: "Gigabit per second of each worker's network",
      })
      .example('$0 plan job.yaml --workers 4', 'Epoch time, balance and bytes for 1 to 32 workers')
      .example('$0 plan job.yaml --costs latest', 'With the times that the newest run has recorded')
      .epilogue(
        'Workers of engine local share the cores of this machine; those of other engines have their own. A plan changes the time, never the result.',
      ),
  handler: async (flags) => {
    const job = await jobOf(flags);
    await withDataset(job.data, job.store, async (dataset) => {
      const check = await checkJob(job, dataset);
      const costs = await costsFor(job, dataset, flags);
      const input = inputOf(job, dataset, costs, { gbits: flags.gbits, latencyMs: LATENCY_MS });
      const sizes = [...new Set([...FLEETS, job.fleet.workers])].sort((a, b) => a - b);
      const fleets = sizes.map((workers) => forecastEpoch(input, workers));
      const stop = whereItStops(input, fleets);
      const balance = balanceOf(job, dataset);
      const places = placesOf(job.fleet);
      if (flags.json)
        return printJson({
          ...{ job: job.name, stepsPerEpoch: check.stepsPerEpoch, ...balance, places },
          ...{ costs, fleets, stop },
        });
      const bags = countWords(check.dataset.bags.train, 'bag');
      const steps = `${countWords(check.stepsPerEpoch, 'step')} of ${job.train.batch}`;
      print(`${bags} in ${steps}, on ${fleetWords(places)}\n`);
      print(workerTable(balance, places));
      print(`\nAn epoch with its validation, by costs ${originWords(costs)}\n`);
      print(fleetTable(fleets));
      print(`\n${limitWords(fleets, stop)}`);
    });
  },
};

/** Workers of one machine slow each other down: that is measured here, whoever has recorded the rest. */
async function costsFor(job: JobSpec, { manifest }: Dataset, flags: PlanFlags): Promise<FleetCosts> {
  const training = bagsOfSplit(manifest, 'train', job.data.fold);
  const sizes = training.map((bag) => instancesSeen(job.data, manifest.bags[bag].instances));
  return showingProgress(async (progress) => {
    const costs =
      flags.costs === undefined
        ? await measureCosts(job, manifest, sizes, progress)
        : await costsOfRun(job, manifest, flags.costs, flags);
    if (job.fleet.engine !== 'local') return costs;
    return { ...costs, crowding: await measureCrowding(job, manifest, median(sizes), progress) };
  });
}

function inputOf(job: JobSpec, { manifest }: Dataset, costs: FleetCosts, link: FleetLink): ForecastInput {
  const { engine, threadsPerWorker, balance } = job.fleet;
  return {
    ...{ seed: job.seed, batch: job.train.batch, balance, order: job.train.order, draw: job.data },
    ...{ bags: manifest.bags, costs, link, threadsPerWorker },
    training: bagsOfSplit(manifest, 'train', job.data.fold),
    validating: bagsOfSplit(manifest, 'val', job.data.fold),
    sharedCores: engine === 'local' ? availableParallelism() : null,
  };
}

/** Who has what in the first epoch, of which nobody knows the costs yet. */
function balanceOf(job: JobSpec, { manifest }: Dataset) {
  const plans = planEpoch({
    ...{ seed: job.seed, epoch: 1, batch: job.train.batch, balance: job.fleet.balance },
    ...{ order: job.train.order, draw: job.data },
    ...{ workers: job.fleet.workers, costs: INITIAL_COSTS, previous: new Map(), bags: manifest.bags },
    training: bagsOfSplit(manifest, 'train', job.data.fold),
  });
  return epochBalance(plans, INITIAL_COSTS);
}
