/** The test cluster is a real one: what the product's own tests take for granted of it. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { clusterInTests } from './support/cluster-in-tests.js';
import { shellPod } from './support/pod-template.js';

describe('the test cluster', function () {
  this.timeout(120_000);
  const cluster = clusterInTests();

  const create = (manifest: object) => cluster.kubectl(['create', '-f', '-'], JSON.stringify(manifest));
  const job = (name: string, spec: object) => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec,
  });
  const complete = (name: string) =>
    cluster.kubectl(['wait', '--for=condition=Complete', `job/${name}`, '--timeout=60s']);

  it('runs both pods of an Indexed Job to completion and keeps their logs', async () => {
    const template = shellPod('echo "I am $JOB_COMPLETION_INDEX"');
    await create(
      job('indexed', {
        completionMode: 'Indexed',
        completions: 2,
        parallelism: 2,
        backoffLimit: 0,
        template,
      }),
    );
    await complete('indexed');
    const logs = await cluster.kubectl(['logs', '--selector=job-name=indexed']);
    assert.deepEqual(logs.trim().split('\n').sort(), ['I am 0', 'I am 1']);
  });

  it('fires a CronJob on the minute', async () => {
    await create({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'minutely' },
      spec: {
        schedule: '* * * * *',
        timeZone: 'Europe/Madrid',
        jobTemplate: { spec: { template: shellPod('date +%S') } },
      },
    });
    await cluster.kubectl([
      ...['wait', 'cronjob/minutely', '--timeout=90s'],
      '--for=jsonpath={.status.lastSuccessfulTime}',
    ]);
  });

  it('lets a pod on the host network reach a server on loopback', async () => {
    const server = createServer((_, response) => void response.end('hello from the machine'));
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      await create(job('visitor', { template: shellPod(`wget -qO- http://127.0.0.1:${port}/`) }));
      await complete('visitor');
      assert.equal(await cluster.kubectl(['logs', 'job/visitor']), 'hello from the machine');
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('kills a container that needs more memory than its limit, and says so', async () => {
    const greedy = shellPod('tail /dev/zero', { resources: { limits: { memory: '32Mi' } } });
    await create({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'greedy' }, ...greedy });
    await cluster.kubectl([
      ...['wait', 'pod/greedy', '--timeout=60s'],
      '--for=jsonpath={.status.containerStatuses[0].state.terminated.reason}=OOMKilled',
    ]);
  });
});
