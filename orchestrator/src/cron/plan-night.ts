/**
 * What a night will do, decided before anything is trained.
 * In: the cron, its nights so far, its hold-out. Out: a plan and the job to train; or null when there is nothing new:
 * the same bags, trained and judged by the same words from the same production model as in the last night that decided.
 */
import {
  BagfleetError,
  type CheckpointRef,
  type Cron,
  cronManifestFile,
  type JobSpec,
  type Night,
  type StoreOptions,
} from '@bagfleet/proto';
import { canonicalJson } from '@bagfleet/worker/checkpoint/canonical-json';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { Progress } from '../datasets/each-concurrently.js';
import { currentMove, locateRef, readTag } from '../registry/tags.js';
import { keepUnderDigest } from './cron-store.js';
import { sha256 } from './hold-out.js';
import { indexNight, readCronManifest } from './night-data.js';
import { runOfNight } from './night-key.js';
import { readLabelsAt } from './read-labels-at.js';

type Plan = NonNullable<Night['plan']>;

export interface PlanParts {
  readonly runs: ObjectStore;
  /** How the store of runs and the data are reached. */
  readonly access: StoreOptions;
  readonly cron: Cron;
  readonly key: string;
  readonly nights: readonly Night[];
  readonly holdOut: Dataset;
  readonly progress: Progress;
}

export interface PlannedNight {
  readonly plan: Plan;
  readonly isNew: boolean;
}

export async function planNight(parts: PlanParts): Promise<PlannedNight> {
  const { runs, access, cron, key, nights, holdOut, progress } = parts;
  const last = lastDecided(nights);
  const before = last?.plan ? await readCronManifest(runs, cron.name, last.plan.data.manifest) : null;
  const base = await readCronManifest(runs, cron.name, cron.data.base);
  const labels = await readLabelsAt(cron.data.labels, access);
  const store = await openStore(cron.data.folder, access);
  try {
    const args = { cron, store, labels, base, holdOut: holdOut.manifest, before, progress };
    const { data, bytes } = await indexNight(args);
    await keepUnderDigest(runs, cronManifestFile(cron.name, data.manifest), bytes);
    const tag = await readTag(runs, cron.tag);
    const production = tag && currentMove(tag);
    const initial = cron.from === 'tag' && production ? refOf(production) : null;
    const job = essenceOf(cron);
    const plan = { run: runOfNight(cron.name, key), job, data, production, initial };
    return { plan, isNew: !isSame(last, plan, cron) };
  } finally {
    store.close();
  }
}

/** The job of a planned night, as any run has one. */
export async function jobOfNight(
  runs: ObjectStore,
  cron: Cron,
  { data, initial }: Plan,
  access: StoreOptions,
): Promise<JobSpec> {
  const { job, name } = cron;
  const checkpoint = initial && (await locateRef(runs, initial));
  const warm = initial && checkpoint && { checkpoint: checkpoint.uri, sha256: initial.manifestSha256 };
  return {
    ...job,
    name,
    data: {
      ...job.data,
      manifest: `${runs.uri}/${cronManifestFile(name, data.manifest)}`,
      folder: cron.data.folder,
    },
    model: { ...job.model, initial: warm ?? job.model.initial },
    store: { ...access, uri: runs.uri },
  };
}

/** The newest night whose bags had their chance: what failed is new again. */
export function lastDecided(nights: readonly Night[]): Night | null {
  return nights.findLast(({ outcome }) => outcome === 'promoted' || outcome === 'refused') ?? null;
}

/** A night goes on as it began, or not at all: its run may have seen bags that the hold-out has now. */
export function refuseAppliedAnew(cron: Cron, { key, plan, holdOut }: Night): void {
  if (plan?.job === essenceOf(cron) && holdOut === cron.holdOut.sha256) return;
  throw new BagfleetError('usage', 'the cron was applied anew since this night began', {
    culprit: `cron ${cron.name}, night ${key}`,
    hint: `Begin another night: \`bagfleet cron run-now ${cron.name}\`.`,
  });
}

function isSame(last: Night | null, plan: Plan, cron: Cron): boolean {
  return (
    last?.plan?.data.manifest === plan.data.manifest &&
    last.plan.job === plan.job &&
    last.holdOut === cron.holdOut.sha256 &&
    leftBy(last) === placeOf(plan.production)
  );
}

/** What the tag pointed at when a night had decided: a tag that somebody else moved makes the next one another. */
function leftBy({ outcome, plan, candidate }: Night): string {
  return placeOf(outcome === 'promoted' ? candidate : (plan?.production ?? null));
}

function placeOf(ref: CheckpointRef | null): string {
  return ref ? `${ref.manifestSha256} ${ref.run} ${ref.step}` : 'nothing';
}

/** Where it is computed and kept does not change the result. */
function essenceOf({ job, from, gate, tag }: Cron): string {
  const { fleet: _, store: __, ...rest } = job;
  return sha256(canonicalJson({ job: rest, from, gate, tag }));
}

function refOf({ run, step, manifestSha256 }: NonNullable<Plan['production']>): Plan['initial'] {
  return { run, step, manifestSha256 };
}
