/**
 * A run of five hundred pods: launched, listed, trained with, cancelled, each within a minute and with few words to the
 * API server. The coordinator and its pod are real; its workers' pods are kwok's, and their sessions this process's.
 * How long single decisions take is printed here and measured by `npm run bench:decisions`.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseJob, type StoreOptions } from '@bagfleet/proto';
import { ON_SEEMING_NODE } from '../machine/start-kwok.js';
import { fleetInCluster, succeeded } from '../support/fleet-in-cluster.js';
import { seemingNodeInTests } from '../support/seeming-node.js';
import { SeemingWorkers } from '../support/seeming-workers.js';

const PODS = 500;
const MINUTE_SECONDS = 60;
/** Each pod's log is asked for once, and again after longer and longer pauses, as its kubelet does not answer. */
const CALLS_PER_POD = 10;
const DECISION_MS = 50;
/** What is asserted of the fleet does not depend on how busy this machine is. */
const PATIENT = { setupTimeout: 600, stepTimeout: 600, heartbeatTimeout: 60 };

describe(`a run of ${PODS} pods`, function () {
  this.timeout(300_000);
  const fleet = fleetInCluster();
  seemingNodeInTests(fleet.cluster);
  let run = '';
  let workers: SeemingWorkers | null = null;
  let vitals = '';
  let store: StoreOptions;

  after(async () => {
    await workers?.close();
  });

  it('is launched within a minute', async () => {
    const job = fleet.job({ fleet: { workers: PODS, ...PATIENT }, kubernetes: ON_SEEMING_NODE });
    ({ store } = parseJob(JSON.parse(readFileSync(job, 'utf8')), job));
    await withinAMinute('launched', async () => {
      run = await fleet.submit(job);
      await until('500 pods run', async () => (await runningPods()).length === PODS);
      const placed = `starting: 0 of ${PODS} workers ready`;
      await fleet.until(run, 'placed', ({ status }) => status?.phase === placed, MINUTE_SECONDS);
    });
    const log = await fleet.cluster.kubectl(['logs', `job/${run}`]);
    vitals = /http:\/\/[\d.]+:\d+/.exec(log)?.[0] ?? '';
    const calls = await metric('api_calls_total');
    say(`${calls} API calls of its coordinator so far`);
    assert.ok(calls <= PODS * CALLS_PER_POD);
  });

  it('is listed and told within a minute', async () => {
    await withinAMinute('listed', async () => {
      assert.match(succeeded(await fleet.bagfleet('list')), new RegExp(run));
      assert.match(succeeded(await fleet.bagfleet('status', run)), /500/);
    });
  });

  it('trains as one generation, goes on without one, and takes it back', async () => {
    const { kubeconfig, namespace } = fleet.cluster;
    workers = new SeemingWorkers({ kubeconfig, namespace, run, uri: `${fleet.store}/${run}`, store });
    await workers.join();
    const { generations } = workers;
    await until('all train', () => generations.get('1.1') === PODS);
    const [pod = ''] = (await runningPods()).slice(7);
    await fleet.cluster.kubectl(['delete', 'pod', pod, '--wait=false']);
    await until('the others go on', () => generations.get('1.2') === PODS - 1);
    await until('it is back', () => generations.get('1.3') === PODS);
    await fleet.until(run, 'training', ({ status }) => status?.phase === `training with ${PODS} workers`);
    assert.deepEqual(workers.lost, []);
  });

  it('has decided quickly and asked little', async () => {
    const [count, seconds, slowest, turn, calls] = await Promise.all(
      [
        'decisions_total',
        'decision_seconds_total',
        'slowest_decision_seconds',
        'slowest_turn_seconds',
        'api_calls_total',
      ].map(metric),
    );
    const mean = (1000 * seconds) / count;
    say(
      `${count} decisions of ${mean.toFixed(2)} ms in the mean, the slowest ${(1000 * slowest).toFixed(1)} ms`,
    );
    say(`the slowest with what it ordered ${(1000 * turn).toFixed(1)} ms; ${calls} API calls`);
    // The slowest one is at the mercy of whatever else this machine does.
    assert.ok(mean < DECISION_MS);
    assert.ok(calls <= PODS * CALLS_PER_POD);
  });

  it('is cancelled within a minute, and nothing is left of it', async () => {
    await withinAMinute('cancelled', async () => {
      assert.match(succeeded(await fleet.bagfleet('cancel', run)), /nothing of it is left in the cluster/);
    });
    assert.deepEqual(await fleet.objects(run), []);
    assert.equal((await fleet.status(run)).state, 'cancelled');
  });

  async function runningPods(): Promise<string[]> {
    const pods = await fleet.cluster.kubectl([
      ...['get', 'pods', '--field-selector=status.phase=Running', '-o', 'jsonpath={.items[*].metadata.name}'],
      ...['-l', `bagfleet.dev/run=${run},bagfleet.dev/role=worker`],
    ]);
    return pods.split(' ').filter(Boolean);
  }

  async function metric(name: string): Promise<number> {
    const text = await (await fetch(`${vitals}/metrics`)).text();
    const [, value] = new RegExp(`^bagfleet_${name}\\{run="${run}"\\} (\\S+)$`, 'm').exec(text) ?? [];
    assert.ok(value !== undefined, text);
    return Number(value);
  }
});

/** The issue's own bar; what it takes here is a third of that at most. */
async function withinAMinute(what: string, work: () => Promise<void>): Promise<void> {
  const begun = performance.now();
  await work();
  const seconds = (performance.now() - begun) / 1000;
  say(`${what} within ${seconds.toFixed(1)} s`);
  assert.ok(seconds < MINUTE_SECONDS);
}

async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 2 * MINUTE_SECONDS * 1000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await sleep(300);
  }
}

function say(line: string): void {
  process.stderr.write(`      ${line}\n`);
}
