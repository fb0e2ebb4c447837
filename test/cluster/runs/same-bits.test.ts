/** A run on a real cluster is the run on this machine: the same job file, the same bits, whoever is taken away. */
import assert from 'node:assert/strict';
import { fleetInCluster, succeeded } from '../support/fleet-in-cluster.js';

describe('a run on Kubernetes', function () {
  this.timeout(300_000);
  const fleet = fleetInCluster();
  const EPOCHS = 4;
  let here: Record<string, string> = {};

  const pods = (run: string, role: string) =>
    fleet.cluster.kubectl([
      'get',
      'pods',
      '-l',
      `bagfleet.dev/run=${run},bagfleet.dev/role=${role}`,
      '-o',
      'name',
    ]);
  const podOf = async (run: string, role: string) => (await pods(run, role)).trim().split('\n').at(-1) ?? '';
  const trains = (epoch: number) => (seen: { status: { epoch: number; step: number } | null }) =>
    (seen.status?.epoch ?? 0) >= epoch && (seen.status?.step ?? 0) >= 1;
  const isDone = ({ state }: { state: string }) => state === 'done';

  async function endsLikeHere(run: string): Promise<void> {
    await fleet.until(run, 'done', isDone, 200);
    assert.deepEqual(await fleet.models(run), here);
    succeeded(await fleet.bagfleet('audit', run));
  }

  it('with processes of this machine, as the measure for all others', async () => {
    const job = fleet.job({ epochs: EPOCHS });
    const { run } = JSON.parse(succeeded(await fleet.bagfleet('submit', job, '--on', 'local', '--json')));
    here = await fleet.models(run);
    assert.ok(Object.keys(here).length >= 2);
  });

  it('gives the same bits with two pods, and follows it to the end', async () => {
    const result = await fleet.bagfleet('submit', fleet.job({ epochs: EPOCHS }), '--json');
    const { run, state } = JSON.parse(succeeded(result));
    assert.equal(state, 'done');
    assert.deepEqual(await fleet.models(run), here);
    const logs = succeeded(await fleet.bagfleet('logs', run));
    assert.match(logs, /\[w0\] .*trains as rank 0 of 2/);
    assert.match(logs, /\[w1\] .*trains as rank 1 of 2/);
  });

  it('gives the same bits when the pod of a worker is deleted', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS }));
    await fleet.until(run, 'training', trains(1));
    await fleet.cluster.kubectl(['delete', '--wait=false', await podOf(run, 'worker')]);
    await endsLikeHere(run);
  });

  it('gives the same bits when the pod of the coordinator is deleted', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS }));
    await fleet.until(run, 'training', trains(1));
    await fleet.cluster.kubectl(['delete', '--wait=false', await podOf(run, 'coordinator')]);
    await endsLikeHere(run);
  });

  it('gives the same bits when the coordinator is killed without a word', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS }));
    await fleet.until(run, 'training', trains(1));
    const pod = await podOf(run, 'coordinator');
    await fleet.cluster.kubectl(['delete', '--wait=false', '--grace-period=0', '--force', pod]);
    await endsLikeHere(run);
  });

  it('gives its verdict when the coordinator is killed as the run ends', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS }));
    const isLast = ({ epoch, step, steps }: { epoch: number; step: number; steps: number }) =>
      epoch === EPOCHS && step === steps;
    await fleet.until(run, 'at its last step', ({ status }) => status !== null && isLast(status));
    const pod = await podOf(run, 'coordinator');
    await fleet.cluster.tryKubectl(['delete', '--wait=false', '--grace-period=0', '--force', pod]);
    await endsLikeHere(run);
  });

  it('gives the same bits when a worker is evicted, as a drained node does it', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS }));
    await fleet.until(run, 'training', trains(1));
    await fleet.evict(await podOf(run, 'worker'));
    await endsLikeHere(run);
  });

  it('gives the same bits whatever chaos hits it with', async () => {
    const run = await fleet.submit(
      fleet.job({ epochs: EPOCHS, fleet: { minWorkers: 2 }, job: { allowChaos: true } }),
    );
    await fleet.until(run, 'training', trains(1));
    succeeded(await fleet.bagfleet('chaos', run, '--pause', 'worker', '--every', '500ms', '--for', '900ms'));
    await fleet.until(run, 'training with one', ({ status }) => status?.workers === 1);
    await fleet.until(run, 'training again', ({ status }) => status?.workers === 2);
    succeeded(
      await fleet.bagfleet('chaos', run, '--kill', 'coordinator', '--every', '500ms', '--for', '900ms'),
    );
    await endsLikeHere(run);
    const told = (await fleet.events(run)).map(({ event }) => event);
    for (const event of ['chaos', 'lost', 'takeover']) assert.ok(told.includes(event), event);
  });

  it('gives the same bits when it is scaled 1 → 3 → 2', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS * 2, fleet: { workers: 1 } }));
    await fleet.until(run, 'training', trains(1));
    succeeded(await fleet.bagfleet('scale', run, '--workers', '3'));
    assert.equal((await pods(run, 'worker')).trim().split('\n').length, 3);
    succeeded(await fleet.bagfleet('scale', run, '--workers', '2'));
    await fleet.until(run, 'done', isDone, 200);
    const last = String(EPOCHS * 8);
    // keepLast leaves the newest ones: the measure's last step is compared where it is still there.
    const models = await fleet.models(run);
    if (last in models) assert.equal(models[last], here[last]);
    const alone = fleet.job({ epochs: EPOCHS * 2 });
    const { run: twin } = JSON.parse(
      succeeded(await fleet.bagfleet('submit', alone, '--on', 'local', '--json')),
    );
    assert.deepEqual(models, await fleet.models(twin));
  });
});
