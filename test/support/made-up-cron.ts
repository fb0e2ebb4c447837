/** Records of crons and nights as the store keeps them, for tests of what reads them. */
import { type Cron, type DatasetManifest, type Night, parseJob } from '@bagfleet/proto';

export const DIGEST = 'a'.repeat(64);
export const OTHER_DIGEST = 'b'.repeat(64);

export function madeUpCron(changes: Partial<Cron> = {}): Cron {
  const since = '2026-11-01T00:00:00.000Z';
  return {
    schemaVersion: 1,
    name: 'slides',
    createdAt: since,
    appliedAt: since,
    clocks: [{ since, schedule: '0 2 * * *', timeZone: 'Etc/UTC' }],
    pauses: [],
    startingDeadline: 3600,
    job: parseJob({ data: { manifest: '/data/manifest.json' }, model: { hidden: 8, attention: 4 } }, 'test'),
    data: { folder: '/data', labels: '/data/labels.csv', base: DIGEST },
    holdOut: { sha256: DIGEST, folder: '/data' },
    tag: 'production',
    from: 'tag',
    gate: 'auc >= production and auc >= best - 0.01',
    ...changes,
  };
}

/** `at` as ISO 8601; it has come to its end unless the changes say otherwise. */
export function madeUpNight(at: string, changes: Partial<Night> = {}): Night {
  return {
    schemaVersion: 1,
    cron: 'slides',
    key: at.slice(0, 19).replace(/[-:]/g, '').concat('Z'),
    scheduledAt: at,
    startedBy: 'clock',
    startedAt: at,
    attemptedAt: at,
    attempts: 1,
    holdOut: DIGEST,
    plan: null,
    candidate: null,
    production: null,
    outcome: 'nothing-new',
    why: [],
    error: null,
    endedAt: at,
    ...changes,
  };
}

export type MadeUpBag = Partial<DatasetManifest['bags'][number]> & { readonly id: string };

export function madeUpManifest(bags: readonly MadeUpBag[]): DatasetManifest {
  return {
    schemaVersion: 1,
    name: 'slides',
    instanceShape: [4],
    classes: ['no', 'yes'],
    bags: bags.map((bag) => ({
      key: `bags/${bag.id}.npy`,
      bytes: 100,
      instances: 2,
      label: 0,
      split: 'train' as const,
      ...bag,
    })),
  };
}
