/** Two nights with bags, labels, runs, tags and history on a real S3 server, each as the process that a clock starts. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Night } from '@bagfleet/proto';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { plainOptions } from '../integration/storage/store-options.js';
import { type GrowingData, growingData } from '../support/growing-data.js';
import { runCli, runNode } from '../support/run-cli.js';
import { s3InTests } from '../support/s3-server.js';
import { tempFolder } from '../support/temp-folder.js';

const NIGHT = new URL('../../orchestrator/dist/cron/night-main.js', import.meta.url).pathname;

describe('nights on S3', function () {
  this.timeout(120_000);
  const temp = tempFolder();
  const server = s3InTests();
  const options = () => ({ ...plainOptions({ endpoint: server.endpoint }), uri: `${server.uri}/runs` });

  async function upload(data: GrowingData): Promise<void> {
    const store = await openStore(`${server.uri}/slides`, options());
    for (const name of ['manifest.json', 'labels.csv'])
      await store.put(name, readFileSync(join(data.folder, name)));
    for (const name of readdirSync(join(data.folder, 'bags')))
      await store.put(`bags/${name}`, readFileSync(join(data.folder, 'bags', name)));
    store.close();
  }

  /** As the pod of a CronJob is started. */
  function night(environment: Readonly<Record<string, string>>) {
    const env = {
      BAGFLEET_STORE_OPTIONS: JSON.stringify(options()),
      BAGFLEET_CRON: 'slides',
      ...environment,
    };
    return runNode([NIGHT], { env });
  }

  it('train from the tag and keep their history there', async () => {
    const data = growingData(join(temp.path, 'data'));
    await upload(data);
    const job = join(temp.path, 'job.json');
    const store = { uri: `${server.uri}/runs`, endpoint: server.endpoint };
    const model = { hidden: 8, attention: 4 };
    const fields = {
      data: { manifest: `${server.uri}/slides/manifest.json` },
      model,
      train: { epochs: 2 },
      store,
    };
    writeFileSync(job, JSON.stringify({ name: 'slides', ...fields }));
    const words = ['--schedule', '0 2 * * *', '--promote-if', 'auc >= 0'];
    const applied = await runCli(['cron', 'apply', job, ...words]);
    assert.equal(applied.code, 0, applied.stderr);

    const minutes = Date.parse('2026-11-25T02:00:00Z') / 60_000;
    const first = await night({ BAGFLEET_JOB_NAME: `slides-${minutes}` });
    assert.equal(first.code, 0, first.stderr);
    assert.match(first.stdout, /production points at slides-20261125-020000-/);

    data.add({ id: 'new-1', label: 'yes', patient: 'gina' });
    await upload(data);
    const second = await night({ BAGFLEET_NIGHT: '2026-11-26T02:00:00Z', BAGFLEET_NIGHT_BY: 'person' });
    assert.equal(second.code, 0, second.stderr);
    assert.match(second.stdout, /begins with slides-20261125-020000-/);

    const history = await runCli([
      'cron',
      'history',
      'slides',
      '--json',
      '--store',
      store.uri,
      '--endpoint',
      store.endpoint,
    ]);
    const rows = JSON.parse(history.stdout) as { kind: string; night?: Night }[];
    const nights = rows.flatMap((row) => row.night ?? []);
    assert.deepEqual(
      nights.map(({ outcome, startedBy, plan }) => [outcome, startedBy, plan?.data.added]),
      [
        ['promoted', 'clock', 12],
        ['promoted', 'person', 1],
      ],
    );
    const wrong = await night({});
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /BAGFLEET_JOB_NAME: is not set/);
  });
});
