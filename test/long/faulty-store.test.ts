/**
 * Training through a link that cannot be trusted: one answer in ten is cut, truncated, garbled, late, or 503. The
 * weights are those of a run over a folder, bit for bit, on two real S3 servers.
 * Half of the bags are multipart uploads: their etag is no digest, so that nothing confirms their first read.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { CounterRng } from '@bagfleet/proto';
import { weightsOf } from '../support/faulty-run.js';
import { type Link, type Mishap, openLink, type Weather } from '../support/link.js';
import { type S3InTests, s3InTests } from '../support/s3-server.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { type FinishedRun, SKEWED_TRAIN, SKEWED_VAL, submitJob } from '../support/trained-run.js';

const MISHAPS: readonly Mishap[] = ['cut', 'truncate', 'corrupt', 'unavailable'];
const FIELDS = {
  model: { name: 'abmil', hidden: 32, attention: 8 },
  'train.epochs': 3,
  'train.batch': 7,
  'fleet.workers': 2,
  'data.cacheMiB': 0, // every epoch reads every bag
};

describe('training through a link that cannot be trusted', function () {
  this.timeout(300_000);
  const temp = tempFolderForAll();
  let folder = '';
  let manifest = '';
  let expected = '';

  before(async () => {
    folder = join(temp.path, 'data');
    manifest = (await writeTinyDataset(folder, { train: SKEWED_TRAIN, val: SKEWED_VAL }, 24)).path;
    expected = weightsOf(await trained(join(temp.path, 'runs'), manifest, {}));
  });

  for (const name of ['seaweedfs', 'versitygw'] as const)
    describe(`to ${name}`, () => {
      const server = s3InTests(name);
      before(() => upload(server, folder));

      for (const mishap of MISHAPS)
        it(`where one answer in ten is ${mishap}`, async () => {
          const { run, link } = await throughLink(name, server, (unlucky) => ({
            mishap: unlucky ? mishap : null,
          }));
          assert.equal(weightsOf(run), expected);
          assert.ok(link.mishaps[mishap] >= 5, `only ${link.mishaps[mishap]} mishaps`);
        });

      it('where one answer in ten is late by a second', async () => {
        const { run } = await throughLink(name, server, (unlucky) => ({ delayMs: unlucky ? 1000 : 0 }));
        assert.equal(weightsOf(run), expected);
      });

      it('where all of it happens, over a disk cache that is used again', async () => {
        const cache = join(temp.path, `cache-${name}`);
        const diskCache = { 'data.diskCache': { folder: cache, gibibytes: 1 } };
        const all = (unlucky: boolean, nth: number): Weather => ({
          mishap: unlucky ? MISHAPS[nth % MISHAPS.length] : null,
        });
        const link = await linkTo(server, all);
        try {
          const first = await through(link, name, server, diskCache);
          assert.equal(weightsOf(first), expected);
          const bytes = link.bytes();
          const second = await through(link, name, server, diskCache);
          assert.equal(weightsOf(second), expected);
          assert.ok(link.bytes() - bytes < bytes / 2, 'the second run reads bags from the disk');
        } finally {
          await link.close();
        }
      });
    });

  async function throughLink(
    name: string,
    server: S3InTests,
    weatherOf: (unlucky: boolean, nth: number) => Weather,
  ): Promise<{ run: FinishedRun; link: Link }> {
    const link = await linkTo(server, weatherOf);
    try {
      return { run: await through(link, name, server, {}), link };
    } finally {
      await link.close();
    }
  }

  function through(
    link: Link,
    name: string,
    { bucket }: S3InTests,
    fields: Readonly<Record<string, unknown>>,
  ): Promise<FinishedRun> {
    const uri = `s3://${bucket}/data/manifest.json`;
    return trained(join(temp.path, `runs-${name}`), uri, { ...fields, 'store.endpoint': link.endpoint });
  }
});

function linkTo(
  { endpoint }: S3InTests,
  weatherOf: (unlucky: boolean, nth: number) => Weather,
): Promise<Link> {
  const lots = new CounterRng(1, ['link']).uniform(20_000);
  return openLink(endpoint, (_, nth) => weatherOf(lots[nth % lots.length] < 0.1, nth));
}

async function trained(
  runs: string,
  manifest: string,
  fields: Readonly<Record<string, unknown>>,
): Promise<FinishedRun> {
  const run = await submitJob(runs, manifest, { ...FIELDS, ...fields });
  assert.equal(run.code, 0, run.stderr);
  return run;
}

async function upload({ endpoint, bucket: Bucket }: S3InTests, folder: string): Promise<void> {
  const client = new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
  });
  const put = (name: string) =>
    client.send(
      new PutObjectCommand({ Bucket, Key: `data/${name}`, Body: readFileSync(join(folder, name)) }),
    );
  await put('manifest.json');
  for (const [place, name] of readdirSync(join(folder, 'bags')).sort().entries()) {
    if (place % 2 === 0) await put(`bags/${name}`);
    else await putInParts(client, Bucket, `data/bags/${name}`, readFileSync(join(folder, 'bags', name)));
  }
  client.destroy();
}

async function putInParts(client: S3Client, Bucket: string, Key: string, Body: Buffer): Promise<void> {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber: 1, Body }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload }));
}
