/** The images as pods run them: in a namespace that enforces the *restricted* Pod Security Standard. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildImage } from '../../scripts/images/build-image.mjs';
import { buildah, ownBuildah } from '../../scripts/images/buildah.mjs';
import { debianBase } from '../../scripts/images/debian-base.mjs';
import { makeTestImage } from './machine/test-image.js';
import { clusterInTests } from './support/cluster-in-tests.js';
import { restrictedJob } from './support/restricted-job.js';
import { workerImage } from './support/worker-image.js';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const BUILD_MS = 20 * 60_000;
const ENDS_WITHIN_MS = 60_000;
const BAGFLEET = ['node', '--enable-source-maps', '/opt/bagfleet/bin/bagfleet.js'];
const TRY_TO_WRITE = `
for (const path of ['/tmp/x', '/x', '/opt/bagfleet/x'])
  try { fs.writeFileSync(path, ''); console.log(path, 'written'); } catch (e) { console.log(path, e.code); }
console.log(process.getuid(), process.getgid());`;

describe('the images', function () {
  this.timeout(120_000);
  const cluster = clusterInTests({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  const say = (line: string) => void process.stderr.write(`  ${line}\n`);

  async function outputOf(name: string, image: string, command: readonly string[]): Promise<string> {
    await cluster.kubectl(['create', '-f', '-'], JSON.stringify(restrictedJob(name, image, command)));
    await untilEnded(name);
    const logs = await cluster.kubectl(['logs', `job/${name}`]);
    assert.equal(await statusOf(name, 'succeeded'), '1', logs);
    return logs;
  }

  const statusOf = (name: string, field: string) =>
    cluster.kubectl(['get', 'job', name, '--output', `jsonpath={.status.${field}}`]);

  const sizeOf = async (name: string) =>
    (await buildah(['images', '--format', '{{.Size}}', name])).split('\n')[0];

  async function untilEnded(name: string): Promise<void> {
    const deadline = performance.now() + ENDS_WITHIN_MS;
    while (!/Complete|Failed/.test(await statusOf(name, 'conditions[*].type'))) {
      assert.ok(performance.now() < deadline, await cluster.kubectl(['describe', 'pods']));
      await sleep(300);
    }
  }

  describe('worker-cpu', () => {
    let image = '';
    before('build and load it', async function () {
      this.timeout(BUILD_MS);
      image = await workerImage(cluster);
      if (!process.env.BAGFLEET_TEST_IMAGE) say(`worker-cpu: ${await sizeOf(await makeTestImage(say))}`);
    });

    it('is a machine that can train on native TensorFlow', async () => {
      const report = JSON.parse(await outputOf('doctor', image, [...BAGFLEET, 'doctor', '--json'])) as {
        canTrain: boolean;
        findings: { name: string; found: string }[];
      };
      assert.equal(report.canTrain, true);
      const backend = report.findings.find(({ name }) => name === 'backend');
      assert.match(backend?.found ?? '', /^TensorFlow 2\.\d+\.\d+ \(native\) from \/opt\/bagfleet\/cache\//);
    });

    it('runs as nobody in particular and writes to /tmp alone', async () => {
      const lines = (await outputOf('user', image, ['node', '-e', TRY_TO_WRITE])).trim().split('\n');
      assert.deepEqual(lines, ['/tmp/x written', '/x EROFS', '/opt/bagfleet/x EROFS', '10001 10001']);
    });
  });

  describe('orchestrator', () => {
    const image = 'localhost/bagfleet-orchestrator:test';
    before('build and load it', async function () {
      this.timeout(BUILD_MS);
      if (process.env.BAGFLEET_TEST_IMAGE) this.skip(); // a foreign cluster cannot get what is built here
      const buildArguments = { BASE: await debianBase(say) };
      await buildImage({ dockerfile: 'orchestrator', program: ownBuildah(), buildArguments, image });
      await cluster.loadImage(image, image);
      say(`orchestrator: ${await sizeOf(image)}`);
    });

    it('says its version', async () => {
      assert.equal(await outputOf('version', image, ['bagfleet', '--version']), `${version}\n`);
    });

    it('has no library of TensorFlow', async () => {
      const look = "console.log(fs.existsSync('/opt/bagfleet/cache'))";
      assert.equal(await outputOf('look', image, ['node', '-e', look]), 'false\n');
    });
  });
});
