/** Which worker computes on which GPU, before anything is started: the seed's two p3.16xlarge. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { assertRefused, runCli } from '../../support/run-cli.js';
import { tempFolderForAll } from '../../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../../support/tiny-dataset.js';

const PODS = ['--set', 'fleet.gpusPerNode=8', '--workers', '16', '--on', 'kubernetes'];

describe('a fleet on GPUs on the command line', function () {
  this.timeout(60_000);
  const temp = tempFolderForAll();
  const cli = (...words: string[]) =>
    runCli(words, { cwd: temp.path, env: { KUBECONFIG: join(temp.path, 'kubeconfig') } });

  before(async () => {
    const folder = join(temp.path, 'slides');
    const { path } = await writeTinyDataset(join(folder, 'data'), { train: [30, 5, 4, 7, 9], val: [2] });
    mkdirSync(join(folder, 'runs'));
    const volume = {
      name: 'slides',
      mountPath: folder,
      source: { persistentVolumeClaim: { claimName: 's' } },
    };
    const kubernetes = { image: 'worker:1', volumes: [volume] };
    const job = { data: { manifest: path }, store: { uri: join(folder, 'runs') }, fleet: { kubernetes } };
    writeFileSync(join(temp.path, 'job.json'), JSON.stringify(job));
    // Nobody is asked: there is no such server.
    writeFileSync(
      join(temp.path, 'kubeconfig'),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:1' } }],
        users: [{ name: 'u', user: {} }],
        contexts: [{ name: 'x', context: { cluster: 'c', user: 'u', namespace: 'lab' } }],
        'current-context': 'x',
      }),
    );
  });

  it('is planned over pods and their GPUs', async () => {
    const { code, stdout, stderr } = await cli('plan', 'job.json', ...PODS);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /, on 16 workers in 2 pods\n\nWORKER +PLACE +BAGS/);
    assert.match(stdout, /\nw0 +pod 0, GPU 0 /);
    assert.match(stdout, /\nw15 +pod 1, GPU 7 /);
    const { places } = JSON.parse((await cli('plan', 'job.json', ...PODS, '--json')).stdout);
    assert.equal(places.length, 16);
    assert.deepEqual(places[9], { worker: 'w9', pod: 1, gpu: 1 });
  });

  it('is shown by --dry-run as two pods, with who is in them, in YAML that kubectl reads', async () => {
    const { code, stdout, stderr } = await cli('submit', 'job.json', ...PODS, '--dry-run');
    assert.equal(code, 0, stderr);
    assert.match(
      stdout,
      /^# 16 workers in 2 pods\n# pod 0: w0 on GPU 0, .*w7 on GPU 7\n# pod 1: w8 on GPU 0, /,
    );
    const [, workers] = parseAllDocuments(stdout).map((document) => document.toJS());
    assert.equal(workers.metadata.namespace, 'lab');
    assert.equal(workers.spec.completions, 2);
    const [{ resources }] = workers.spec.template.spec.containers;
    assert.equal(resources.limits['nvidia.com/gpu'], '8');
    const asJson = JSON.parse((await cli('submit', 'job.json', ...PODS, '--dry-run', '--json')).stdout);
    assert.equal(asJson[1].spec.parallelism, 2);
  });

  it('on this machine shares its GPUs', async () => {
    const words = ['--set', 'fleet.gpusPerNode=2', '--workers', '3', '--dry-run'];
    const { stdout } = await cli('submit', 'job.json', ...words);
    assert.match(stdout, /\n {2}coordinator\n {2}w0 {2}GPU 0\n {2}w1 {2}GPU 1\n {2}w2 {2}GPU 0\n$/);
  });

  it('has whole pods', async () => {
    const half = [...PODS, '--set', 'fleet.workers=12', '--dry-run'].filter(
      (word) => !/^(--workers|16)$/.test(word),
    );
    assertRefused(
      await cli('submit', 'job.json', ...half),
      /job field fleet\.workers: must be a multiple of 8, .* but 12 was given.*Use 8 or 16\./s,
    );
  });
});
