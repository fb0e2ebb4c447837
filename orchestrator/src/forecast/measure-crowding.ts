/**
 * How much slower a bag is when other workers of this machine compute, too.
 * In: a job, what its dataset is like, the size of a usual bag. Out: Crowding; null where one worker fills the machine.
 * Bags are timed alone and beside other processes in turn, so that a machine that changes its pace changes both.
 */
import { availableParallelism } from 'node:os';
import type { JobSpec } from '@bagfleet/proto';
import type { Progress } from '../datasets/each-concurrently.js';
import { CrowdMember } from './crowd-member.js';
import type { Crowding } from './crowding.js';
import { median } from './median.js';
import { type DatasetKind, madeUpBag, preparedCompute } from './prepared-compute.js';

/** More would take gigabytes for a figure that hardly changes. */
const MOST = 4;
const ROUNDS = 5;
const BAGS_PER_ROUND = 3;

export async function measureCrowding(
  job: JobSpec,
  dataset: DatasetKind,
  instances: number,
  progress: Progress,
): Promise<Crowding | null> {
  const together = Math.min(MOST, Math.floor(availableParallelism() / job.fleet.threadsPerWorker));
  if (together < 2) return null;
  const crowd = Array.from({ length: together - 1 }, () => new CrowdMember({ job, dataset, instances }));
  const { compute, into } = await preparedCompute(job, dataset);
  try {
    const bag = madeUpBag(instances, dataset.instanceShape);
    const timed = async (): Promise<number> => {
      let sum = 0;
      for (let i = 0; i < BAGS_PER_ROUND; i++)
        sum += (await compute.call('gradient', { bag, epoch: 1, repeat: 0, into })).milliseconds;
      return sum;
    };
    await Promise.all([timed(), ...crowd.map((member) => member.ready())]); // warms all of them up
    const ratios: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const alone = await timed();
      await Promise.all(crowd.map((member) => member.go()));
      ratios.push((await timed()) / alone);
      await Promise.all(crowd.map((member) => member.rest()));
      progress(round, ROUNDS, 'rounds beside others');
    }
    return { together, factor: median(ratios) };
  } finally {
    for (const member of crowd) member.end();
    await compute.close();
  }
}
