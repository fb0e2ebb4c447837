/**
 * The morning: candidate and production on the same bags of the hold-out, and what follows from that.
 * In: a night whose run is done, the hold-out. Out: the night's record at its end, promoted or refused.
 */
import type { Night, ScoredCheckpoint } from '@bagfleet/proto';
import { sha256Of } from '@bagfleet/worker/checkpoint/checkpoint-files';
import { type LocatedCheckpoint, locateInRun } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';
import { locateRef } from '../registry/tags.js';
import { runUri } from '../submit/start-run.js';
import { listNights } from './cron-store.js';
import { scoreWords } from './night-words.js';
import { endNight, type NightWork, planOf } from './night-work.js';
import { promoteIfBetter } from './promote.js';
import { scoreOnHoldOut } from './score-hold-out.js';

export async function decideNight(work: NightWork, holdOut: Dataset): Promise<Night> {
  const { runs, cron, record, say, signal } = work;
  const plan = planOf(record.night);
  const scored = async (place: LocatedCheckpoint, run: string): Promise<ScoredCheckpoint> => ({
    run,
    step: place.manifest.progress.step,
    manifestSha256: sha256Of(place.manifestBytes),
    metrics: await scoreOnHoldOut(place, holdOut, signal),
  });
  const candidate = await withCandidate(work, plan.run, (place) => scored(place, plan.run));
  const production =
    plan.production && (await scored(await locateRef(runs, plan.production), plan.production.run));
  const { metric } = cron.job.validation;
  say(`candidate ${scoreWords(metric, candidate)}`);
  if (production) say(`${cron.tag} ${scoreWords(metric, production)}`);
  const night = await record.update({ candidate, production });
  const nights = await listNights(runs, cron.name);
  const now = work.now();
  const made = { runs, cron, night, nights, holdOut: holdOut.manifest, candidate, production, now };
  const { outcome, why } = await promoteIfBetter(made);
  return endNight(work, outcome, why);
}

/** The run's best checkpoint; its last one if it was never validated. */
async function withCandidate<T>(
  { access, runs }: NightWork,
  run: string,
  use: (place: LocatedCheckpoint) => Promise<T>,
): Promise<T> {
  const folder = await openStore(runUri(runs.uri, run), access);
  try {
    const place = await locateInRun(folder, 'best').catch((thrown: unknown) => {
      if (codeOf(thrown) !== 'checkpoint-missing') throw thrown;
      return locateInRun(folder, 'latest');
    });
    return await use(place);
  } finally {
    folder.close();
  }
}
