/** Hundreds of pods that do not run: what a test of a large fleet stands on. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ON_SEEMING_NODE } from './machine/start-kwok.js';
import { clusterInTests } from './support/cluster-in-tests.js';
import { shellPod } from './support/pod-template.js';
import { seemingNodeInTests } from './support/seeming-node.js';

const PODS = 500;
const RUN_WITHIN_MS = 120_000;

describe('seeming pods', function () {
  this.timeout(180_000);
  const cluster = clusterInTests();
  seemingNodeInTests(cluster);

  it(`all ${PODS} of an Indexed Job run until it is deleted`, async () => {
    const template = shellPod('exit 1', {}, { ...ON_SEEMING_NODE, hostNetwork: false });
    const spec = { completionMode: 'Indexed', completions: PODS, parallelism: PODS, template };
    const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'large' }, spec };
    await cluster.kubectl(['create', '-f', '-'], JSON.stringify(job));
    await untilPods((phases) => phases.filter((phase) => phase === 'Running').length === PODS);
    await cluster.kubectl(['delete', 'job', 'large', '--wait=false']);
    await untilPods((phases) => phases.length === 0);
  });

  async function untilPods(areAsWanted: (phases: string[]) => boolean): Promise<void> {
    const deadline = performance.now() + RUN_WITHIN_MS;
    for (;;) {
      const listed = await cluster.kubectl([
        ...['get', 'pods', '--selector=job-name=large', '--output', 'jsonpath={.items[*].status.phase}'],
      ]);
      const phases = listed.split(' ').filter((phase) => phase !== '');
      if (areAsWanted(phases)) return;
      assert.ok(performance.now() < deadline, `${phases.length} pods: ${[...new Set(phases)].join(', ')}`);
      await sleep(500);
    }
  }
});
