/** `bagfleet plan`: how the first epoch's bags would lie on a fleet, without starting one. */
import { bagsOfSplit, INITIAL_COSTS, type JobSpec } from '@bagfleet/proto';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { planEpoch } from '@bagfleet/worker/train/epoch-plan';
import type { CommandModule } from 'yargs';
import { checkJob } from '../job-file/check-job.js';
import { placesOf, type WorkerPlace } from '../launch/worker-places.js';
import { inColumns } from './columns.js';
import { type EpochBalance, epochBalance, type WorkerShare } from './epoch-balance.js';
import { withDataset } from './job-dataset.js';
import { type JobFlags, jobOf, withJob } from './options/job-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { fleetWords, placeWords } from './place-words.js';
import { print, printJson, tableWidth } from './terminal.js';
import { countWords } from './words.js';

/** Fleets to compare with. */
const OTHER_FLEETS = [1, 2, 4, 8, 16];

export const plan: CommandModule<unknown, JobFlags & JsonFlag> = {
  command: 'plan <job>',
  describe: 'Show how bags would be spread over workers',
  builder: (parser) =>
    withJson(withJob(parser))
      .example('$0 plan job.yaml --workers 4', 'Bags, instances and balance per worker')
      .epilogue(
        'Loads are estimates: after the first epoch they are fitted to measured times. A plan changes the time, never the result.',
      ),
  handler: async (flags) => {
    const job = await jobOf(flags);
    await withDataset(job.data, job.store, async (dataset) => {
      const check = await checkJob(job, dataset);
      const balance = balanceWith(job, dataset, job.fleet.workers);
      const others = otherFleets(job, dataset);
      const places = placesOf(job.fleet);
      if (flags.json)
        return printJson({ job: job.name, stepsPerEpoch: check.stepsPerEpoch, ...balance, places, others });
      const bags = countWords(check.dataset.bags.train, 'bag');
      print(
        `${bags} in ${countWords(check.stepsPerEpoch, 'step')} of ${job.train.batch}, on ${fleetWords(places)}\n`,
      );
      print(workerTable(balance, places));
      print(
        `\nefficiency ${balance.efficiency.toFixed(2)}, worst step ${Math.min(...balance.steps).toFixed(2)}`,
      );
      print(
        `on other fleets: ${others.map(({ workers, efficiency }) => `${workers} → ${efficiency.toFixed(2)}`).join(', ')}`,
      );
    });
  },
};

function balanceWith(job: JobSpec, { manifest }: Dataset, workers: number): EpochBalance {
  const training = bagsOfSplit(manifest, 'train', job.data.fold);
  const plans = planEpoch({
    seed: job.seed,
    epoch: 1,
    batch: job.train.batch,
    workers,
    costs: INITIAL_COSTS,
    previous: new Map(),
    bags: manifest.bags,
    training,
  });
  return epochBalance(plans, INITIAL_COSTS);
}

function otherFleets(job: JobSpec, dataset: Dataset): { workers: number; efficiency: number }[] {
  const sensible = OTHER_FLEETS.filter(
    (workers) => workers !== job.fleet.workers && workers <= job.train.batch,
  );
  return sensible.map((workers) => ({ workers, efficiency: balanceWith(job, dataset, workers).efficiency }));
}

function workerTable({ workers }: EpochBalance, places: readonly WorkerPlace[]): string {
  const total = workers.reduce((sum, worker) => sum + worker.load, 0);
  const isPlain = places.every((place) => placeWords(place) === '');
  return inColumns<WorkerShare>(
    workers,
    [
      { title: 'WORKER', value: ({ rank }) => `w${rank}` },
      ...(isPlain ? [] : [{ title: 'PLACE', value: ({ rank }: WorkerShare) => placeWords(places[rank]) }]),
      { title: 'BAGS', value: ({ bags }) => String(bags), align: 'right' },
      { title: 'INSTANCES', value: ({ instances }) => String(instances), align: 'right' },
      { title: 'SHARE', value: ({ load }) => `${((100 * load) / total).toFixed(1)} %`, align: 'right' },
    ],
    tableWidth(),
  );
}
