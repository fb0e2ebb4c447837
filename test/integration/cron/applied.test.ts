/** What `cron apply` pins, and what makes it pin anew. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppliedCron, applyCron } from '@bagfleet/orchestrator/cron/apply-cron';
import { putNight } from '@bagfleet/orchestrator/cron/cron-store';
import type { CronWords } from '@bagfleet/orchestrator/cron/cron-words';
import { type DatasetManifest, parseJob } from '@bagfleet/proto';
import { LocalStore } from '@bagfleet/worker/storage/local-store';
import { type GrowingData, growingData } from '../../support/growing-data.js';
import { DIGEST, madeUpNight } from '../../support/made-up-cron.js';
import { tempFolder } from '../../support/temp-folder.js';

describe('applying a cron', () => {
  const temp = tempFolder();
  let data: GrowingData;

  beforeEach(() => {
    data = growingData(join(temp.path, 'data'));
  });

  function apply(
    words: Partial<CronWords> = {},
    job: Readonly<Record<string, unknown>> = {},
  ): Promise<AppliedCron> {
    const store = { uri: join(temp.path, 'runs') };
    const model = { hidden: 8, attention: 4 };
    const usual = { schedule: '0 2 * * *', timeZone: 'Etc/UTC', name: 'slides', labels: null, holdOut: null };
    const gate = { gate: null, margin: null, tag: 'production', from: 'tag', startingDeadline: 600 } as const;
    return applyCron({
      runs: new LocalStore(store.uri),
      job: parseJob({ data: { manifest: data.manifest }, model, store, ...job }, 'test'),
      words: { ...usual, ...gate, ...words },
      now: new Date('2026-11-01T00:00:00Z'),
      progress: () => undefined,
    });
  }

  it('keeps what is pinned as long as nobody names another hold-out', async () => {
    const first = await apply();
    data.add({ id: 'test-7', label: 'yes', patient: 'gina' });
    data.index();
    const second = await apply({ schedule: '0 3 * * *' });
    assert.deepEqual(second.cron.holdOut, first.cron.holdOut);
    assert.equal(second.cron.data.base, first.cron.data.base);
    assert.equal(second.cron.clocks.length, 2);
    assert.equal(second.data.train + second.data.val, 13, 'test-7 is no bag of the hold-out');
  });

  it('takes all bags of another manifest as hold-out, and lets no test bag of the first one train', async () => {
    const elsewhere = growingData(join(temp.path, 'hospital-b'));
    const file = JSON.parse(readFileSync(elsewhere.manifest, 'utf8')) as DatasetManifest;
    const renamed = file.bags.map((bag) => ({ ...bag, id: `b-${bag.id}`, patient: `b ${bag.patient}` }));
    writeFileSync(elsewhere.manifest, JSON.stringify({ ...file, bags: renamed }));
    const first = await apply();
    const second = await apply({ holdOut: elsewhere.manifest });
    assert.notEqual(second.cron.holdOut.sha256, first.cron.holdOut.sha256);
    assert.equal(second.cron.holdOut.folder, elsewhere.folder);
    assert.deepEqual([second.data.train, second.data.val, second.data.heldBack], [8, 4, 6]);
  });

  it('says when bags of a new hold-out have trained before', async () => {
    const first = await apply();
    const runs = new LocalStore(join(temp.path, 'runs'));
    const plan = {
      run: 'r',
      job: DIGEST,
      data: { ...first.data, manifest: first.cron.data.base },
      production: null,
      initial: null,
    };
    await putNight(runs, madeUpNight('2026-11-02T02:00:00.000Z', { outcome: 'promoted', plan }), null);
    const file = JSON.parse(readFileSync(data.manifest, 'utf8')) as DatasetManifest;
    const turned = join(data.folder, 'turned.json');
    const held = file.bags.filter(({ id }) => id === 'train-0' || id === 'train-1');
    writeFileSync(turned, JSON.stringify({ ...file, bags: held }));
    const { remarks, data: left } = await apply({ holdOut: turned });
    assert.match(remarks.join('\n'), /the night 20261102T020000Z trained with 2 bags of this hold-out/);
    assert.equal(left.train, 6);
  });

  it('refuses a hold-out that is not made like the data', async () => {
    const elsewhere = growingData(join(temp.path, 'hospital-b'));
    const file = JSON.parse(readFileSync(elsewhere.manifest, 'utf8')) as DatasetManifest;
    writeFileSync(elsewhere.manifest, JSON.stringify({ ...file, classes: ['yes', 'no'] }));
    await assert.rejects(apply({ holdOut: elsewhere.manifest }), /its instances or classes are not those of/);
  });

  it('refuses words that do not go together', async () => {
    await assert.rejects(apply({ gate: 'auc >= 0.5', margin: 0.1 }), /is for the usual gate only/);
    await assert.rejects(apply({ name: 'Slides!' }), /is no name of a cron/);
    const folded = { data: { manifest: data.manifest, fold: 0 } };
    await assert.rejects(apply({}, folded), /a cron trains on splits, not on a fold/);
  });

  it('remarks on a hold-out without patients', async () => {
    const file = JSON.parse(readFileSync(data.manifest, 'utf8')) as DatasetManifest;
    const bags = file.bags.map(({ patient: _, ...bag }) => bag);
    writeFileSync(data.manifest, JSON.stringify({ ...file, bags }));
    const labels = bags.map(({ id, label }) => `${id},${file.classes[label]}`);
    writeFileSync(join(data.folder, 'labels.csv'), `id,label\n${labels.join('\n')}\n`);
    const { remarks } = await apply();
    assert.match(remarks.join('\n'), /no bag of the hold-out names its patient/);
  });
});
