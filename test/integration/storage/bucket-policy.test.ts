/** The policy of docs/bucket-policy.md, as a real S3 server enforces it: both sides can work, and no more than that. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutBucketPolicyCommand } from '@aws-sdk/client-s3';
import { RunLease } from '@bagfleet/orchestrator/coordinator/lease/run-lease';
import { checkpointFolder, RUN_FILES } from '@bagfleet/proto';
import { locateInRun } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import { pruneCheckpoints } from '@bagfleet/worker/checkpoint/prune-checkpoints';
import { removeUnfinished } from '@bagfleet/worker/checkpoint/remove-unfinished';
import { loadDataset } from '@bagfleet/worker/data/load-dataset';
import { CoordinatorFinder } from '@bagfleet/worker/session/find-coordinator';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { s3Client, USUAL_PATIENCE } from '@bagfleet/worker/storage/s3-client';
import { writeMadeUpCheckpoint } from '../../support/made-up-checkpoint.js';
import { s3InTests, setEnvironment } from '../../support/s3-server.js';
import { tempFolder } from '../../support/temp-folder.js';
import { writeTinyDataset } from '../../support/tiny-dataset.js';
import { rejectsWith } from './object-store-contract.js';
import { plainOptions } from './store-options.js';

const PAGE = new URL('../../../docs/bucket-policy.md', import.meta.url);
const RUN = 'slides-1';
const text = (value: string) => new TextEncoder().encode(value);

/** For this server's bucket and its users instead of AWS roles. */
function policyOf(page: string, bucket: string): string {
  const policy = /```json\n(.*?)```/s.exec(page)?.[1] ?? assert.fail('the page holds no policy');
  return policy
    .replaceAll('BUCKET', bucket)
    .replace(/arn:aws:iam::\d+:role\/bagfleet-(coordinator|worker)/g, 'arn:aws:iam::000000000000:user/$1');
}

describe('the bucket policy in docs', function () {
  this.timeout(60_000);
  const server = s3InTests();
  const folder = tempFolder();
  const opened: ObjectStore[] = [];
  const options = () => plainOptions({ endpoint: server.endpoint });
  const uriOf = (path: string) => `s3://${server.bucket}/${path}`;

  /** Whoever sets the bucket up may do everything; these may what the policy says. Keys are read with a store's first request. */
  async function as<T>(who: 'coordinator' | 'worker', work: () => Promise<T>): Promise<T> {
    const restore = setEnvironment(server.guestEnvs[who]);
    try {
      return await work();
    } finally {
      restore();
    }
  }
  async function open(path: string): Promise<ObjectStore> {
    const store = await openStore(uriOf(path), options());
    opened.push(store);
    return store;
  }

  beforeEach(async () => {
    await writeTinyDataset(folder.path, { train: [3, 4], val: [2] });
    const slides = await open('slides');
    for (const name of readdirSync(folder.path, { recursive: true, encoding: 'utf8' }))
      if (/\.\w+$/.test(name)) await slides.put(name, readFileSync(join(folder.path, name)));
    await (await open(`runs/${RUN}`)).put(RUN_FILES.job, text('{}'));
    const client = s3Client(options(), USUAL_PATIENCE);
    const Policy = policyOf(readFileSync(PAGE, 'utf8'), server.bucket);
    await client.send(new PutBucketPolicyCommand({ Bucket: server.bucket, Policy }));
    client.destroy();
    // The server reads it a moment later.
    await as('coordinator', async () => {
      const run = await open(`runs/${RUN}`);
      const deadline = performance.now() + 20_000;
      while ((await run.head(RUN_FILES.job).catch(() => null)) === null)
        assert.ok(performance.now() < deadline, 'the policy does not take effect');
    });
  });
  afterEach(() => {
    for (const store of opened.splice(0)) store.close();
  });

  async function loadAndClose(): Promise<number> {
    const data = { manifest: uriOf('slides/manifest.json'), validation: null, folder: null, labelMap: null };
    const { manifest, store } = await loadDataset(data, (uri) => openStore(uri, options()));
    const { bytes } = await store.get(manifest.bags[0].key);
    store.close();
    return bytes.length;
  }

  async function takeLease(run: ObjectStore): Promise<RunLease> {
    const terms = { termMs: 10_000, holder: 'first', address: '127.0.0.1:7070', deadHolder: null };
    return await RunLease.acquire({ ...terms, store: run, onWait: () => undefined });
  }

  it('lets a coordinator keep its run: lease, status, tags, what is left of dead writers', () =>
    as('coordinator', async () => {
      assert.ok((await loadAndClose()) > 0);
      const run = await open(`runs/${RUN}`);
      const lease = await takeLease(run);
      await lease.renew();
      assert.ok(await lease.confirm());
      await lease.release();
      await run.put(RUN_FILES.status, text('{}'));
      await run.put(`${checkpointFolder(7)}model.safetensors`, text('half'));
      assert.deepEqual(await removeUnfinished(run), [7]);
      await run.put(`${RUN_FILES.chaos}1.json`, text('{}'));
      await run.delete(`${RUN_FILES.chaos}1.json`);
      await (await open('runs')).put('tags/production.json', text('{}'));
    }));

  it('lets a worker find its coordinator, read bags, keep and prune checkpoints', async () => {
    await as('coordinator', async () => void (await takeLease(await open(`runs/${RUN}`))));
    await as('worker', async () => {
      assert.ok((await loadAndClose()) > 0);
      const finder = new CoordinatorFinder(uriOf(`runs/${RUN}`), { ...options(), uri: uriOf('runs') });
      assert.equal((await finder.find())?.address, '127.0.0.1:7070');
      finder.close();
      const run = await open(`runs/${RUN}`);
      const facts = { run: RUN, isBest: false };
      await writeMadeUpCheckpoint(run, { ...facts, step: 1 });
      await writeMadeUpCheckpoint(run, { ...facts, step: 2, isBest: true });
      assert.equal((await locateInRun(run, 'latest')).manifest.progress.step, 2);
      assert.deepEqual(await pruneCheckpoints(run, 1), [1]);
    });
  });

  it('lets neither touch what is not its own', async () => {
    await as('worker', async () => {
      const run = await open(`runs/${RUN}`);
      for (const key of [RUN_FILES.job, RUN_FILES.status, RUN_FILES.lease, RUN_FILES.cancel]) {
        await rejectsWith(run.put(key, text('x')), 'store-denied');
        await rejectsWith(run.delete(key), 'store-denied');
      }
      await rejectsWith((await open('runs')).put('tags/production.json', text('x')), 'store-denied');
    });
    await as('coordinator', async () => {
      await rejectsWith((await open(`runs/${RUN}`)).delete(RUN_FILES.job), 'store-denied');
      await rejectsWith((await open('runs')).delete('tags/production.json'), 'store-denied');
    });
    for (const who of ['coordinator', 'worker'] as const)
      await as(who, async () => {
        const slides = await open('slides');
        await rejectsWith(slides.put('manifest.json', text('x')), 'store-denied');
        await rejectsWith(slides.delete('manifest.json'), 'store-denied');
      });
  });
});
