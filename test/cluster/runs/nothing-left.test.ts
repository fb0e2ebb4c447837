/**
 * What is left of a run at its end: nothing in the cluster, whichever way it ends, and in the store all that is needed
 * to read its story and to go on. Every kind of object is looked through.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { fleetInCluster, type RunSeen, succeeded } from '../support/fleet-in-cluster.js';

const EPOCHS = 6;
const GONE_WITHIN_MS = 30_000;

describe('at the end of a run', function () {
  this.timeout(240_000);
  const fleet = fleetInCluster();

  const isDone = ({ state }: RunSeen) => state === 'done';
  /** A checkpoint of the first epoch is there by then. */
  const trainsOn = ({ status }: RunSeen) => (status?.epoch ?? 0) >= 2 && (status?.step ?? 0) >= 1;

  async function begun(): Promise<string> {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS }));
    await fleet.until(run, 'training', trainsOn);
    assert.ok((await fleet.objects(run)).length >= 7, 'two Jobs, three pods, two Secrets');
    return run;
  }

  async function untilNothingIsLeft(run: string): Promise<void> {
    const deadline = performance.now() + GONE_WITHIN_MS;
    for (let left = await fleet.objects(run); left.length > 0; left = await fleet.objects(run)) {
      assert.ok(performance.now() < deadline, `still there: ${left.join(', ')}`);
      await sleep(500);
    }
  }

  /** Logs of all that took part, and a checkpoint whose bytes are whole. */
  async function tellsItsStory(run: string): Promise<void> {
    const logs = succeeded(await fleet.bagfleet('logs', run));
    for (const worker of ['w0', 'w1']) assert.match(logs, new RegExp(`\\[${worker}\\] .*trains as rank`));
    assert.ok(Object.keys(await fleet.models(run)).length > 0);
    succeeded(await fleet.bagfleet('checkpoints', 'verify', run));
  }

  it('cancelled in the middle of training, nothing is left and the store has it', async () => {
    const run = await begun();
    assert.match(succeeded(await fleet.bagfleet('cancel', run)), /cancelled/);
    assert.deepEqual(await fleet.objects(run), []);
    assert.equal((await fleet.status(run)).state, 'cancelled');
    await tellsItsStory(run);
  });

  it('after `kubectl delete job`, nothing is left, it says how it ended, and it can go on with the same bits', async () => {
    const undisturbed = fleet.job({ epochs: EPOCHS });
    const local = succeeded(await fleet.bagfleet('submit', undisturbed, '--on', 'local', '--json'));
    const here = await fleet.models(JSON.parse(local).run);
    const run = await begun();
    await fleet.cluster.kubectl(['delete', 'job', run, '--wait=false']);
    await untilNothingIsLeft(run);
    const { state, status } = await fleet.until(
      run,
      'over',
      ({ status: now }) => now?.phase.includes('told to stop') === true,
    );
    assert.equal(state, 'interrupted', JSON.stringify(status));
    await tellsItsStory(run);
    succeeded(await fleet.bagfleet('resume', run, '--detach'));
    await fleet.until(run, 'done', isDone, 180);
    assert.deepEqual(await fleet.models(run), here);
    await onlyTheEndIsLeft(run);
  });

  /** For whoever wants to see it in the cluster, until its time is over. */
  async function onlyTheEndIsLeft(run: string): Promise<void> {
    await fleet.cluster.kubectl(['wait', `job/${run}`, '--for=condition=Complete', '--timeout=30s']);
    const deadline = performance.now() + GONE_WITHIN_MS;
    const expected = [`job.batch/${run}`, `secret/${run}-authority`, `secret/${run}-identity`];
    for (;;) {
      const left = (await fleet.objects(run)).filter((name) => !name.startsWith('pod/')).sort();
      if (left.join() === expected.join()) break;
      assert.ok(performance.now() < deadline, `there are: ${left.join(', ')}`);
      await sleep(500);
    }
    const pods = (await fleet.objects(run)).filter((name) => name.startsWith('pod/'));
    assert.equal(pods.length, 1);
    const soon = JSON.stringify({ spec: { ttlSecondsAfterFinished: 1 } });
    await fleet.cluster.kubectl(['patch', 'job', run, '--type=merge', '-p', soon]);
    await untilNothingIsLeft(run);
  }

  it('cancelled before its coordinator could start, nothing is left and it says so', async () => {
    const run = await fleet.submit(fleet.job({ kubernetes: { image: 'localhost/absent:1' } }));
    const seconds = performance.now();
    assert.match(succeeded(await fleet.bagfleet('cancel', run)), /nothing of it is left in the cluster/);
    assert.ok(performance.now() - seconds < GONE_WITHIN_MS);
    assert.deepEqual(await fleet.objects(run), []);
    assert.equal((await fleet.status(run)).state, 'cancelled');
  });
});
