/**
 * What training costs, as a run has recorded it.
 * In: the rows of its last epoch, the size of its model. Out: FleetCosts. Pure.
 */
import type { EpochRow, LedgerRow, StepRow } from '@bagfleet/proto';
import { BagfleetError } from '@bagfleet/proto';
import type { FleetCosts } from './fleet-costs.js';
import { median } from './median.js';

/** Forward against forward and backward. */
const PREDICT_SHARE = 1 / 3;

export function recordedCosts(
  run: string,
  rows: { readonly epochs: readonly EpochRow[]; readonly steps: readonly StepRow[] },
  ledger: readonly LedgerRow[],
  parameters: number,
): FleetCosts {
  const epoch = rows.epochs.findLast(({ costs }) => costs !== undefined);
  if (epoch?.costs === undefined)
    throw new BagfleetError('usage', 'it has recorded no costs', {
      culprit: run,
      hint: 'Name a run that has done an epoch, or leave out --costs: then they are measured here.',
    });
  const bag = epoch.costs;
  const fleets = new Map(ledger.map(({ epoch: of, step, workers }) => [`${of}/${step}`, workers.length]));
  const steps = rows.steps
    .filter((step) => step.epoch === epoch.epoch)
    .map((step) => ({ ...step, workers: fleets.get(`${epoch.epoch}/${step.step}`) ?? 1 }));
  const otherwise = steps.map(({ bags, instances, balance, milliseconds, workers }) => {
    const all = bag.fixed * bags + bag.perInstance * instances;
    return Math.max(0, milliseconds - all / (workers * balance));
  });
  return {
    ...{ bag, predictShare: PREDICT_SHARE, slotMs: 0, parameters, crowding: null },
    beside: Math.max(1, median(steps.map(({ workers }) => workers))),
    updateMs: median(otherwise),
    source: `recorded by ${run} in epoch ${epoch.epoch}`,
  };
}
