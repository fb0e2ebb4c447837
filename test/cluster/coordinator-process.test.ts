/**
 * The coordinator's own program as its pod runs it, beside a real API server; its workers' pods are never made. What it
 * tells while it waits for them, and at the end that `kubectl delete job` makes.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { coordinatorJob } from '@bagfleet/orchestrator/launch/kubernetes/manifests/coordinator-job';
import { parseJob, parseLogLine } from '@bagfleet/proto';
import { freePorts } from '../../scripts/s3-server/free-ports.mjs';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { clusterInTests } from './support/cluster-in-tests.js';

const PROGRAM = fileURLToPath(
  new URL('../../orchestrator/dist/coordinator/coordinator-main.js', import.meta.url),
);

describe("the coordinator's program in its pod", function () {
  this.timeout(60_000);
  const cluster = clusterInTests();
  const temp = tempFolderForAll();
  let child: ChildProcess | null = null;
  let output = '';
  let run = '';
  let port = 0;

  before(async () => {
    const { path } = await writeTinyDataset(join(temp.path, 'data'), { train: [3, 4, 5], val: [3] });
    const uri = join(temp.path, 'runs', 'tiny-1');
    run = basename(uri);
    mkdirSync(uri, { recursive: true });
    const fleet = { engine: 'kubernetes', stopTimeout: 5, kubernetes: { image: 'none:1' } };
    const job = parseJob(
      { data: { manifest: path }, store: { uri: join(temp.path, 'runs') }, fleet },
      'test',
    );
    writeFileSync(join(uri, 'job.json'), JSON.stringify(job));
    const made = coordinatorJob(job, { run, uri });
    const suspended = { ...made, spec: { ...made.spec, suspend: true } };
    await cluster.kubectl(['create', '-f', '-'], JSON.stringify(suspended));
    [port = 0] = await freePorts(1);
    const told = Object.fromEntries(
      made.spec?.template.spec?.containers[0].env?.flatMap(({ name, value }) =>
        value ? [[name, value]] : [],
      ) ?? [],
    );
    const env = {
      ...process.env,
      ...told,
      KUBECONFIG: cluster.kubeconfig,
      BAGFLEET_JOB: run,
      BAGFLEET_POD: `${run}-abcde`,
      BAGFLEET_POD_UID: 'uid',
      BAGFLEET_NAMESPACE: cluster.namespace,
      BAGFLEET_HOST: '127.0.0.1',
      BAGFLEET_PORT: '0',
      BAGFLEET_METRICS_PORT: String(port),
    };
    child = spawn(process.execPath, [PROGRAM], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
  });
  after(() => {
    child?.kill('SIGKILL');
  });

  async function labels(): Promise<Record<string, string>> {
    const answer = await cluster.kubectl(['get', 'job', run, '-o', 'jsonpath={.metadata.labels}']);
    return JSON.parse(answer) as Record<string, string>;
  }

  it('shows that it lives, acts and waits', async () => {
    await until(async () => (await get(port, '/readyz')) === 'ok\n');
    assert.equal(await get(port, '/healthz'), 'ok\n');
    assert.match((await get(port, '/metrics')) ?? '', /bagfleet_workers_wanted\{run="tiny-1"\} 1\n/);
    await until(async () => (await labels())['bagfleet.dev/state'] === 'starting');
    assert.equal((await labels())['bagfleet.dev/progress'], 'e0of30-0pct');
    await until(async () => (await reasons()).includes('Launching'));
  });

  it('has told at its end that it was interrupted, and logged all in JSON', async () => {
    const ended = new Promise((resolve) => child?.once('exit', resolve));
    const watching = cluster.kubectl([
      ...['wait', `job/${run}`, '--timeout=30s'],
      '--for=jsonpath={.metadata.labels.bagfleet\\.dev/state}=interrupted',
    ]);
    // As `kubectl delete` does: the Job is there until its dependents are gone.
    await cluster.kubectl([
      'patch',
      'job',
      run,
      '--type=merge',
      '-p',
      '{"metadata":{"finalizers":["bagfleet.dev/test"]}}',
    ]);
    await cluster.kubectl(['delete', 'job', run, '--wait=false']);
    child?.kill('SIGTERM');
    assert.equal(await ended, 130, output);
    await watching;
    assert.ok((await reasons()).includes('Interrupted'));
    await cluster.kubectl(['patch', 'job', run, '--type=merge', '-p', '{"metadata":{"finalizers":null}}']);
    const lines = output.trimEnd().split('\n').map(parseLogLine);
    assert.ok(
      lines.every((line) => line?.run === run && line.worker === 'coordinator'),
      output,
    );
    assert.ok(
      lines.some((line) => line?.message === 'launching 1 worker'),
      output,
    );
  });

  async function reasons(): Promise<string[]> {
    const field = `--field-selector=involvedObject.name=${run},source=bagfleet`;
    return (await cluster.kubectl(['get', 'events', field, '-o', 'jsonpath={.items[*].reason}'])).split(' ');
  }
});

async function get(port: number, path: string): Promise<string | null> {
  const answer = fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5000) });
  return answer.then((response) => response.text()).catch(() => null);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    assert.ok(performance.now() < deadline, 'it did not happen in time');
    await sleep(100);
  }
}
