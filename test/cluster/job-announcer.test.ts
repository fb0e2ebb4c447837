/**
 * What `kubectl` shows of a run, on a real API server: labels, annotations and events of its Job; how few requests that
 * takes; and that nobody is troubled when the API server is away, deaf or says no. The clock is the test's.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterObjects } from '@bagfleet/orchestrator/kubernetes/cluster-objects';
import { type Clock, JobAnnouncer } from '@bagfleet/orchestrator/launch/kubernetes/announce/job-announcer';
import { coordinatorJob } from '@bagfleet/orchestrator/launch/kubernetes/manifests/coordinator-job';
import { parseJob } from '@bagfleet/proto';
import { KubeConfig, type V1Job } from '@kubernetes/client-node';
import { statusOf } from '../support/run-folder.js';
import { clusterInTests } from './support/cluster-in-tests.js';
import { type Gate, openGate } from './support/gate.js';

const TIME = '2026-03-01T12:00:00.000Z';

class TestClock implements Clock {
  #now = 0;
  #turn: () => Promise<void> = async () => undefined;
  readonly now = () => this.#now;
  readonly every = (_: number, turn: () => Promise<void>) => {
    this.#turn = turn;
    return () => undefined;
  };
  /** Each second has its turn. */
  async pass(seconds: number): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await this.#turn();
      this.#now += 1000;
    }
  }
}

describe("what a run's Job tells", function () {
  this.timeout(60_000);
  const cluster = clusterInTests({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  const announcers: JobAnnouncer[] = [];
  let gate: Gate;
  let jobs = 0;

  before(async () => {
    const server = new URL(configOf(cluster.kubeconfig).getCurrentCluster()?.server ?? '');
    gate = await openGate(Number(server.port));
  });
  after(() => gate?.close());
  afterEach(() => {
    for (const announcer of announcers.splice(0)) announcer.close();
    gate.set('open');
  });

  function objectsOf(config: KubeConfig): ClusterObjects {
    return new ClusterObjects(config, cluster.namespace);
  }

  function gated(token?: string): ClusterObjects {
    const config = configOf(cluster.kubeconfig);
    const [server] = config.clusters;
    const [user] = config.users;
    config.clusters = [{ ...server, server: `https://127.0.0.1:${gate.port}` }];
    if (token !== undefined) config.users = [{ name: user.name, token }];
    return objectsOf(config);
  }

  /** A real coordinator's Job that makes no pods, and who announces on it. */
  async function announced(objects = objectsOf(configOf(cluster.kubeconfig))) {
    const run = `mnist-${++jobs}`;
    const made = await objectsOf(configOf(cluster.kubeconfig)).create(suspended(run));
    const uid = made?.metadata?.uid ?? '';
    const clock = new TestClock();
    const said: string[] = [];
    const announcer = new JobAnnouncer(
      {
        objects,
        job: { apiVersion: 'batch/v1', kind: 'Job', name: run, uid },
        pod: `${run}-abcde`,
        say: (line) => said.push(line),
      },
      clock,
    );
    announcers.push(announcer);
    const happen = (event: string, message: string) => announcer.happened({ time: TIME, event, message });
    return { announcer, clock, run, uid, said, happen, calls: () => objects.calls };
  }

  async function metadataOf(run: string) {
    const found = JSON.parse(await cluster.kubectl(['get', 'job', run, '-o', 'json'])) as V1Job;
    return { labels: found.metadata?.labels ?? {}, annotations: found.metadata?.annotations ?? {} };
  }

  async function eventsOf(
    uid: string,
  ): Promise<{ reason: string; message: string; count: number; type: string }[]> {
    const field = `--field-selector=involvedObject.uid=${uid},source=bagfleet`;
    const { items } = JSON.parse(await cluster.kubectl(['get', 'events', field, '-o', 'json']));
    return items;
  }

  it('is how it stands: a column of kubectl get jobs, annotations, events', async () => {
    const { announcer, clock, run, uid, happen, said } = await announced();
    announcer.status(statusOf(run, { phase: 'training with 2 workers: 50% of w/0 is "there"' }));
    happen('fingerprint', '{}');
    happen('joined', 'w0 has joined');
    happen('generation', 'generation 1.1 begins with 2 workers (w0, w1)');
    happen('lost', 'w1 is lost: it was killed by SIGKILL\n  its last lines:\n    words');
    happen('generation', 'generation 1.2 begins with 1 worker (w0): w1 was lost');
    happen('checkpoint', 'step 50, the best so far');
    await clock.pass(1);
    const table = await cluster.kubectl([
      'get',
      'jobs',
      run,
      '-L',
      'bagfleet.dev/progress,bagfleet.dev/state',
    ]);
    assert.match(table, /PROGRESS +STATE\n.* e3of30-8pct +running\n/);
    const { labels, annotations } = await metadataOf(run);
    assert.equal(labels['bagfleet.dev/run'], run, 'its other labels stay');
    assert.equal(annotations['bagfleet.dev/phase'], 'training with 2 workers: 50% of w/0 is "there"');
    assert.equal(annotations['bagfleet.dev/best'], 'auc 0.9530 (epoch 2)');
    const events = await eventsOf(uid);
    assert.deepEqual(events.map(({ reason, type }) => `${type} ${reason}`).sort(), [
      'Normal CheckpointWritten',
      'Normal Recovered',
      'Normal Started',
      'Warning WorkerLost',
    ]);
    assert.ok(events.every(({ message }) => !message.includes('\n')));
    assert.match(
      await cluster.kubectl(['describe', 'job', run]),
      /Started .* bagfleet +generation 1\.1 begins/,
    );
    assert.deepEqual(said.slice(0, 2), ['w0 has joined', 'generation 1.1 begins with 2 workers (w0, w1)']);
    assert.equal(said.length, 5);
  });

  it('is patched once in 10 s, with what has changed, and not at all if nothing has', async () => {
    const { announcer, clock, run, calls } = await announced();
    const before = calls();
    for (let step = 1; step <= 35; step++) {
      announcer.status(statusOf(run, { epoch: 1, steps: 100, step }));
      await clock.pass(1);
    }
    assert.equal(calls() - before, 4, 'at 0, 10, 20 and 30 s');
    assert.equal((await metadataOf(run)).annotations['bagfleet.dev/step'], '31/100');
    await clock.pass(30);
    assert.equal(calls() - before, 5);
    assert.equal((await metadataOf(run)).annotations['bagfleet.dev/step'], '35/100');
  });

  it('has few events of many losses at once, which count them all', async () => {
    const { clock, uid, happen, calls } = await announced();
    const before = calls();
    for (let round = 0; round < 4; round++) {
      for (let worker = 0; worker < 500; worker++) happen('lost', `w${worker} is lost`);
      await clock.pass(2);
    }
    await clock.pass(5);
    const events = await eventsOf(uid);
    assert.equal(calls() - before, events.length);
    assert.ok(events.length <= 3, `${events.length} events within 13 s`);
    assert.equal(
      events.reduce((sum, { count }) => sum + count, 0),
      2000,
    );
  });

  it('is told at once at the end, and what is not known any more is gone', async () => {
    const { announcer, clock, run, uid } = await announced();
    announcer.status(statusOf(run));
    await clock.pass(1);
    announcer.status(statusOf(run, { state: 'done', phase: 'complete', etaSeconds: null, endedAt: TIME }));
    await announcer.finish();
    const { labels, annotations } = await metadataOf(run);
    assert.equal(labels['bagfleet.dev/state'], 'done');
    assert.equal(annotations['bagfleet.dev/eta'], undefined);
    assert.deepEqual(
      (await eventsOf(uid)).map(({ reason }) => reason),
      ['Completed'],
    );
  });

  it('waits while the API server is away, and is told once when it is back', async () => {
    const { announcer, clock, run, uid, happen, said } = await announced(gated());
    gate.set('closed');
    for (let second = 0; second < 30; second++) {
      announcer.status(statusOf(run, { step: second % 25 }));
      if (second < 3) happen('lost', `w${second} is lost`);
      await clock.pass(1);
    }
    assert.deepEqual(await eventsOf(uid), []);
    gate.set('open');
    await clock.pass(10);
    assert.equal((await metadataOf(run)).annotations['bagfleet.dev/step'], '4/25');
    assert.deepEqual(
      (await eventsOf(uid)).map(({ reason, count, message }) => [reason, count, message]),
      [['WorkerLost', 3, 'w2 is lost']],
    );
    assert.equal(said.filter((line) => /is not told/.test(line)).length, 1, said.join('\n'));
  });

  it('holds up nobody for long who ends while the API server is deaf', async () => {
    const { announcer, run, happen } = await announced(gated());
    gate.set('deaf');
    announcer.status(statusOf(run));
    happen('lost', 'w1 is lost');
    const began = performance.now();
    await announcer.finish();
    assert.ok(performance.now() - began < 20_000);
  });

  it('is given up where the API server says no, which is said once for each verb', async () => {
    const { announcer, clock, run, happen, said } = await announced(gated('nobody'));
    announcer.status(statusOf(run));
    happen('checkpoint', 'step 50');
    await clock.pass(25);
    await announcer.finish();
    const refusals = said.flatMap((line) => /is not told .*you may not (\w+)/.exec(line)?.[1] ?? []);
    assert.deepEqual(refusals, ['create', 'patch']);
  });

  it('ends with the Job, also if there is another one of its name', async () => {
    const { announcer, run } = await announced();
    await cluster.kubectl(['delete', 'job', run, '--wait=true']);
    await objectsOf(configOf(cluster.kubeconfig)).create(suspended(run));
    announcer.status(statusOf(run, { state: 'cancelled', endedAt: TIME }));
    const late = new AbortController();
    const first = await Promise.race([
      announcer.finish().then(() => 'told'),
      sleep(5000, 'late', { signal: late.signal }).catch(() => 'late'),
    ]);
    late.abort();
    assert.equal(first, 'told');
    assert.equal((await metadataOf(run)).labels['bagfleet.dev/state'], undefined);
  });
});

/** The Job as it is submitted, without pods. */
function suspended(run: string): V1Job {
  const fleet = { engine: 'kubernetes', kubernetes: { image: 'bagfleet:1' } };
  const job = parseJob({ data: { manifest: 's3://b/m.json' }, store: { uri: 's3://b/runs' }, fleet }, 'test');
  const made = coordinatorJob(job, { run, uri: `s3://b/runs/${run}` });
  return { ...made, spec: { ...made.spec, suspend: true } } as V1Job;
}

function configOf(path: string): KubeConfig {
  const config = new KubeConfig();
  config.loadFromFile(path);
  return config;
}
