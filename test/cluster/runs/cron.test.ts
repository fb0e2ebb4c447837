/**
 * Nights on a real cluster: the CronJob fires on the minute, its pod is the night's coordinator, and what it decides
 * stands in the store.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Night } from '@bagfleet/proto';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { type GrowingData, growingData } from '../../support/growing-data.js';
import { tempFolderForAll } from '../../support/temp-folder-for-all.js';
import { fleetInCluster, succeeded } from '../support/fleet-in-cluster.js';
import { upload } from '../support/uploaded.js';

const CRON = 'nightly';
const EVERY_MINUTE = '* * * * *';
/** The next minute, and what a night takes. */
const NIGHT_SECONDS = 150;

interface HistoryRow {
  readonly kind: 'night' | 'without-record';
  readonly at: string;
  readonly why?: string;
  readonly night?: Night;
}

describe('nights on Kubernetes', function () {
  this.timeout(420_000);
  const fleet = fleetInCluster();
  const folder = tempFolderForAll();
  let data: GrowingData;

  async function putData(): Promise<void> {
    const store = await openStore(`s3://${fleet.s3.bucket}/slides`, fleet.access);
    await upload(data.folder, store);
    store.close();
  }

  async function apply(words: readonly string[], epochs = 2): Promise<void> {
    const slides = { manifest: `s3://${fleet.s3.bucket}/slides/manifest.json` };
    const job = fleet.job({
      epochs,
      fleet: { workers: 1, leaseTimeout: 2 },
      kubernetes: { coordinatorMemory: '2Gi' },
      job: { name: CRON, data: slides, model: { hidden: 8, attention: 4 }, train: { epochs, batch: 4 } },
    });
    succeeded(await fleet.bagfleet('cron', 'apply', job, '--schedule', EVERY_MINUTE, ...words));
  }

  const cron = async (...words: string[]) =>
    JSON.parse(succeeded(await fleet.bagfleet('cron', ...words, '--json')));
  const history = (): Promise<HistoryRow[]> => cron('history', CRON);
  const nights = async () => (await history()).flatMap(({ night }) => night ?? []);

  async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    for (const deadline = performance.now() + NIGHT_SECONDS * 1000; ; await sleep(1000)) {
      const found = await look();
      if (found !== undefined) return found;
      if (performance.now() > deadline) assert.fail(`no ${what}: ${JSON.stringify(await history())}`);
    }
  }

  before(async () => {
    data = growingData(folder.path);
    await putData();
  });

  it('promote the first model on the minute', async () => {
    await apply([]);
    const first = await until('promoted night', async () =>
      (await nights()).find(({ outcome }) => outcome === 'promoted'),
    );
    assert.equal(first.startedBy, 'clock');
    assert.match(first.scheduledAt, /:00(\.000)?Z$/);
    const status = await fleet.status(first.plan?.run ?? '');
    assert.equal(status.state, 'done');
    succeeded(await fleet.bagfleet('audit', first.plan?.run ?? ''));
  });

  it('begin with production when data have come, and refuse what the gate forbids', async () => {
    data.add({ id: 'new-1', label: 'yes', patient: 'gina' });
    data.add({ id: 'new-2', label: null });
    await putData();
    await apply(['--promote-if', 'auc > 1']);
    const refused = await until('refused night', async () =>
      (await nights()).find(({ outcome }) => outcome === 'refused'),
    );
    assert.deepEqual([refused.plan?.data.added, refused.plan?.data.waiting], [1, 1]);
    const promoted = (await nights()).filter(({ outcome }) => outcome === 'promoted');
    assert.equal(promoted.length, 1);
    assert.equal(refused.plan?.initial?.manifestSha256, promoted[0].candidate?.manifestSha256);
    assert.notEqual(refused.scheduledAt, promoted[0].scheduledAt);
    assert.deepEqual(refused.production?.metrics, promoted[0].candidate?.metrics);
  });

  it('catch up once on what was missed while suspended', async () => {
    await fleet.bagfleet('cron', 'suspend', CRON);
    await until('end of the night that was going', async () =>
      (await nights()).every(({ outcome }) => outcome !== null) ? true : undefined,
    );
    const before = await nights();
    const last = Date.parse(before.at(-1)?.scheduledAt ?? '');
    // Two times are missed.
    await sleep(Math.max(0, Math.ceil(Math.max(last, Date.now()) / 60_000) * 60_000 + 61_000 - Date.now()));
    assert.equal((await nights()).length, before.length, 'none while it is suspended');
    const resumedAt = Date.now();
    succeeded(await fleet.bagfleet('cron', 'resume', CRON));
    const late = await until('night that catches up', async () =>
      (await nights()).slice(before.length).at(0),
    );
    assert.ok(Date.parse(late.scheduledAt) < resumedAt, `${late.scheduledAt} was missed`);
    const missed = (await nights()).filter(
      ({ scheduledAt }) => Date.parse(scheduledAt) > last && Date.parse(scheduledAt) < resumedAt,
    );
    assert.equal(missed.length, 1, 'the latest of them, once');
  });

  it('are not stacked: while one is going, the next time is passed over', async () => {
    data.add({ id: 'new-3', label: 'no', patient: 'hans' });
    await putData();
    await apply(['--promote-if', 'auc >= 0'], 3000);
    const going = await until('long night', async () =>
      (await nights()).find(({ outcome, plan }) => outcome === null && plan !== null),
    );
    const run = going.plan?.run ?? '';
    await fleet.until(run, 'training', ({ status }) => (status?.epoch ?? 0) >= 1);
    await sleep(Math.ceil(Date.now() / 60_000) * 60_000 + 5000 - Date.now());
    const active = (
      await fleet.cluster.kubectl([
        ...['get', 'jobs', '-l', `bagfleet.dev/cron=${CRON}`],
        ...['-o', 'jsonpath={range .items[?(@.status.active==1)]}{.metadata.name} {end}'],
      ])
    ).trim();
    assert.equal(active.split(' ').length, 1, active);
    const skipped = await fleet.bagfleet('cron', 'run-now', CRON, '--json');
    const { night: asked } = JSON.parse(succeeded(skipped)) as { night: string };
    await until('night that steps aside', async () =>
      (await nights()).find(({ key, outcome }) => key === asked && outcome === 'skipped'),
    );
    succeeded(await fleet.bagfleet('cron', 'delete', CRON));
    succeeded(await fleet.bagfleet('cancel', run));
    const ended = (await nights()).find(({ key }) => key === going.key);
    assert.ok(ended?.outcome === 'cancelled' || ended?.outcome === null, ended?.outcome ?? 'open');
    assert.deepEqual(await fleet.objects(run), []);
  });
});
