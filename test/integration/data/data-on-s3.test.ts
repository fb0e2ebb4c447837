/**
 * The data commands and the readers behind them against a real S3 server.
 */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FeatureValues } from '@bagfleet/worker/data/bag';
import { BagCache } from '@bagfleet/worker/data/bag-cache';
import { BagReads } from '@bagfleet/worker/data/bag-reads';
import { loadManifest } from '@bagfleet/worker/data/load-manifest';
import { writeNpy } from '@bagfleet/worker/data/npy-values';
import { BagPrefetch } from '@bagfleet/worker/data/prefetch';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { assertRefused, runCli } from '../../support/run-cli.js';
import { s3InTests } from '../../support/s3-server.js';
import { tempFolder } from '../../support/temp-folder.js';
import { plainOptions } from '../storage/store-options.js';

describe('datasets on S3', function () {
  this.timeout(60_000);
  const server = s3InTests();
  const temp = tempFolder();
  const bagfleet = (...words: string[]) =>
    runCli([...words, '--endpoint', server.endpoint], { cwd: temp.path, env: server.env });
  const open = (uri: string) => openStore(uri, plainOptions({ endpoint: server.endpoint }));

  it('demo writes bags that a worker reads, bit for bit those of a local folder', async () => {
    const few = ['--train-bags', '12', '--val-bags', '2', '--test-bags', '2'];
    const uri = `${server.uri}/mnist-bags`;
    const made = await bagfleet('data', 'demo', '--to', uri, ...few);
    assert.equal(made.code, 0, made.stderr);
    const local = await runCli(['data', 'demo', '--to', 'here', ...few], { cwd: temp.path });
    assert.equal(local.code, 0, local.stderr);

    const featuresAt = async (place: string) => {
      const { manifest, store, digest } = await loadManifest(place, open);
      const reader = bagReader({ store, instanceShape: manifest.instanceShape });
      const reads = new BagReads({ reader, cache: new BagCache(0), atOnce: 4, bytesAtOnce: 2 ** 20 });
      const bags = new BagPrefetch({ bags: manifest.bags, reads, buffer: 2 ** 20 });
      const features: [string, FeatureValues][] = [];
      for await (const bag of bags) features.push([bag.id, bag.features]);
      store.close();
      return { digest, features };
    };
    assert.deepEqual(await featuresAt(uri), await featuresAt(join(temp.path, 'here')));
    const seen = await bagfleet('data', 'inspect', uri, '--json');
    assert.equal((JSON.parse(seen.stdout) as { bags: number }).bags, 16);
  });

  it('index reads headers by range and puts the manifest beside the bags, or nothing at all', async () => {
    const store = await open(`${server.uri}/slides`);
    for (const [id, rows] of [
      ['a', 3],
      ['b', 50_000],
    ] as const)
      await store.put(`deep/${id}.npy`, writeNpy(new Float32Array(rows * 8), [rows, 8]));
    await writeFile(join(temp.path, 'labels.csv'), 'id,label\na,0\nb,1\nc,1\n');
    const words = ['data', 'index', `${server.uri}/slides`, '--labels', 'labels.csv', '--split', 'train=1'];
    assertRefused(await bagfleet(...words), /^labels\.csv, line 4: there is no bag c\n/);
    assert.equal(await store.head('manifest.json'), null);

    await writeFile(join(temp.path, 'labels.csv'), 'id,label\na,0\nb,1\n');
    assert.equal((await bagfleet(...words)).code, 0);
    const { manifest } = await loadManifest(`${server.uri}/slides/manifest.json`, open);
    assert.deepEqual(
      manifest.bags.map(({ id, instances }) => [id, instances]),
      [
        ['a', 3],
        ['b', 50_000],
      ],
    );
    store.close();
  });

  it('a bag that is gone is named', async () => {
    const store = await open(`${server.uri}/gone`);
    const reader = bagReader({ store, instanceShape: [8] });
    const entry = {
      id: 'b7',
      key: 'bags/b7.npy',
      bytes: 160,
      instances: 1,
      label: 0,
      split: 'train',
    } as const;
    await assert.rejects(reader.read(entry), { code: 'bag-missing', culprit: 'bag b7, file bags/b7.npy' });
    store.close();
  });
});
