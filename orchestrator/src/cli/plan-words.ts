/** What `bagfleet plan` says: tables of workers and of fleets, where more workers stop to help. */

import { sizeWords } from '../datasets/dataset-page.js';
import type { FleetCosts } from '../forecast/fleet-costs.js';
import type { Forecast } from '../forecast/forecast-epoch.js';
import type { Stop } from '../forecast/where-it-stops.js';
import type { WorkerPlace } from '../launch/worker-places.js';
import { inColumns } from './columns.js';
import type { EpochBalance, WorkerShare } from './epoch-balance.js';
import { placeWords } from './place-words.js';
import { tableWidth } from './terminal.js';

export function workerTable({ workers }: EpochBalance, places: readonly WorkerPlace[]): string {
  const total = workers.reduce((sum, worker) => sum + worker.load, 0);
  const isPlain = places.every((place) => placeWords(place) === '');
  return inColumns<WorkerShare>(
    workers,
    [
      { title: 'WORKER', value: ({ rank }) => `w${rank}` },
      ...(isPlain ? [] : [{ title: 'PLACE', value: ({ rank }: WorkerShare) => placeWords(places[rank]) }]),
      { title: 'BAGS', value: ({ bags }) => String(bags), align: 'right' },
      { title: 'INSTANCES', value: ({ instances }) => String(instances), align: 'right' },
      { title: 'SHARE', value: ({ load }) => percent(load / total), align: 'right' },
    ],
    tableWidth(),
  );
}

export function fleetTable(fleets: readonly Forecast[]): string {
  const [{ epochSeconds: alone }] = fleets;
  return inColumns<Forecast>(
    fleets,
    [
      { title: 'WORKERS', value: ({ workers }) => String(workers), align: 'right' },
      { title: 'EPOCH', value: ({ epochSeconds }) => secondsWords(epochSeconds), align: 'right' },
      {
        title: 'SPEED-UP',
        value: ({ epochSeconds }) => `${(alone / epochSeconds).toFixed(1)}×`,
        align: 'right',
      },
      { title: 'IMBALANCE', value: ({ imbalance }) => percent(imbalance), align: 'right' },
      { title: 'ALL-REDUCE', value: ({ allReduceShare }) => percent(allReduceShare), align: 'right' },
      { title: 'S3, FIRST', value: ({ firstBytes }) => sizeWords(firstBytes), align: 'right' },
      { title: 'S3, LATER', value: ({ laterBytes }) => sizeWords(laterBytes), align: 'right' },
      { title: 'CACHE EACH', value: ({ cacheBytes }) => sizeWords(cacheBytes), align: 'right' },
      { title: 'WIRE', value: ({ wireSeconds }) => secondsWords(wireSeconds), align: 'right' },
    ],
    tableWidth(),
  );
}

/** One or two sentences. */
export function limitWords(fleets: readonly Forecast[], stop: Stop | null): string {
  const last = fleets[fleets.length - 1];
  const limit =
    stop === null
      ? `More workers help up to ${last.workers}.`
      : `More than ${stop.workers} hardly help: ${stop.why}.`;
  const starved = fleets.find(({ wireSeconds, epochSeconds }) => wireSeconds > epochSeconds);
  if (starved === undefined) return limit;
  return `${limit}\nThe first epoch waits for the network from ${starved.workers} on: its bags take ${secondsWords(starved.wireSeconds)} on the wire.`;
}

/** "measured on this machine, 1 thread: 2.1 ms and 0.02 ms per instance" */
export function originWords({ source, bag }: FleetCosts): string {
  return `${source}: a bag takes ${bag.fixed.toFixed(1)} ms and ${(1000 * bag.perInstance).toFixed(1)} ms per 1,000 instances`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function secondsWords(seconds: number): string {
  if (seconds >= 3600) return `${(seconds / 3600).toFixed(1)} h`;
  if (seconds >= 120) return `${(seconds / 60).toFixed(1)} min`;
  return seconds >= 10 ? `${seconds.toFixed(0)} s` : `${seconds.toFixed(seconds >= 1 ? 1 : 2)} s`;
}
