/**
 * Pods with several GPUs on a real cluster whose node says that it has four (an extended resource, as a device plugin
 * reports them): a pod, two workers, the bits of this machine; who dies inside it is started again inside it.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf, endProcess } from '../../support/run-processes.js';
import { fleetInCluster, type RunSeen, succeeded } from '../support/fleet-in-cluster.js';

const EPOCHS = 4;
const GPUS = 2;
const FLEET = { workers: GPUS, gpusPerNode: GPUS };

describe('a pod with two GPUs', function () {
  this.timeout(300_000);
  const fleet = fleetInCluster();
  let here: Record<string, string> = {};

  before('say that the node has GPUs', async () => {
    const node = await fleet.cluster.kubectl(['get', 'nodes', '-o', 'name']);
    const status = { capacity: { 'nvidia.com/gpu': String(2 * GPUS) } };
    await fleet.cluster.kubectl([
      ...['patch', node.trim(), '--subresource=status', '--type=merge'],
      ...['-p', JSON.stringify({ status })],
    ]);
  });

  const podsOf = async (run: string): Promise<Pod[]> => {
    const chosen = ['-l', `bagfleet.dev/run=${run},bagfleet.dev/role=worker`, '-o', 'json'];
    return (JSON.parse(await fleet.cluster.kubectl(['get', 'pods', ...chosen])) as { items: Pod[] }).items;
  };
  const uidsOf = async (run: string) => (await podsOf(run)).map(({ metadata }) => metadata.uid);
  const trains = ({ status }: RunSeen) => (status?.epoch ?? 0) >= 1 && (status?.step ?? 0) >= 1;
  const until = (run: string) => fleet.until(run, 'done', ({ state }) => state === 'done', 200);
  const logOf = async (run: string, worker: string) =>
    succeeded(await fleet.bagfleet('logs', run, '-w', worker));

  it('is measured by two processes of this machine', async () => {
    const job = fleet.job({ epochs: EPOCHS, fleet: FLEET });
    const { run } = JSON.parse(succeeded(await fleet.bagfleet('submit', job, '--on', 'local', '--json')));
    here = await fleet.models(run);
    assert.ok(Object.keys(here).length >= 2);
  });

  it('hosts two workers, which give the same bits', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS, fleet: FLEET }));
    await fleet.until(run, 'training', trains);
    const [pod, ...others] = await podsOf(run);
    assert.equal(others.length, 0);
    assert.equal(pod.spec.containers[0].resources.limits['nvidia.com/gpu'], '2');
    await until(run);
    assert.deepEqual(await fleet.models(run), here);
    succeeded(await fleet.bagfleet('audit', run));
    for (const rank of [0, 1])
      assert.match(await logOf(run, `w${rank}`), new RegExp(`trains as rank ${rank} of 2`));
  });

  it('starts a worker again that dies in it, beside the other one', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS, fleet: FLEET }));
    await fleet.until(run, 'training', trains);
    const before = await uidsOf(run);
    for (const pid of childrenOf(run, 'w1')) endProcess(pid, 'SIGKILL');
    await fleet.until(run, 'training with one', ({ status }) => status?.workers === 1);
    await fleet.until(run, 'training with both again', ({ status }) => status?.workers === 2);
    assert.deepEqual(await uidsOf(run), before, 'it is the same pod');
    await until(run);
    assert.deepEqual(await fleet.models(run), here);
    assert.match(await logOf(run, 'w1'), /w1 ended by SIGKILL; it is started again in 1 s/);
    assert.equal((await logOf(run, 'w1')).match(/trains as rank/g)?.length, 2);
  });

  it('does without a worker that dies again and again before it is ready', async () => {
    const dies = "if (process.env.BAGFLEET_WORKER === 'w1') { console.log('no device'); process.exit(7); }";
    const environment = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(dies)}` };
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS, fleet: FLEET, kubernetes: { environment } }));
    await until(run);
    assert.deepEqual(await fleet.models(run), here);
    // With the third the coordinator gives it up, and hears no more of it.
    const words = (await logOf(run, 'w1')).match(/no device|w1 ended with exit code 7/g) ?? [];
    assert.equal(words.join(), Array(3).fill('no device,w1 ended with exit code 7').join());
  });

  it('takes both along when it is deleted, and the next one brings both back', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS, fleet: FLEET }));
    await fleet.until(run, 'training', trains);
    const before = await uidsOf(run);
    await fleet.cluster.kubectl(['delete', 'pod', '--wait=false', (await podsOf(run))[0].metadata.name]);
    await fleet.until(run, 'training with nobody', ({ status }) => status?.workers === 0);
    await fleet.until(run, 'training with both again', ({ status }) => status?.workers === 2);
    const [uid] = await uidsOf(run);
    assert.ok(uid !== undefined && !before.includes(uid));
    await until(run);
    assert.deepEqual(await fleet.models(run), here);
  });

  it('goes with the other one where one of them no longer answers', async () => {
    // It waits for both: else one alone may come to the end before.
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS, fleet: { ...FLEET, minWorkers: 2 } }));
    await fleet.until(run, 'training', trains);
    const [before] = await uidsOf(run);
    for (const pid of childrenOf(run, 'w1')) endProcess(pid, 'SIGSTOP');
    await fleet.until(run, 'training with one', ({ status }) => status?.workers === 1);
    await fleet.until(run, 'training with both again', ({ status }) => status?.workers === 2);
    const [after] = await uidsOf(run);
    assert.ok(after !== undefined && after !== before, 'another pod');
    await until(run);
    assert.deepEqual(await fleet.models(run), here);
  });

  it('comes and goes with both when the fleet is scaled, 2 → 4 → 2, and is not halved', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS * 10, fleet: FLEET }));
    await fleet.until(run, 'training', trains);
    const halved = await fleet.bagfleet('scale', run, '--workers', '3');
    assert.equal(halved.code, 2);
    assert.match(halved.stderr, /--workers: must be a multiple of 2, .*fleet\.gpusPerNode.*Use 2 or 4\./s);
    succeeded(await fleet.bagfleet('scale', run, '--workers', '4'));
    const four = await podsOf(run);
    assert.equal(four.length, 2);
    succeeded(await fleet.bagfleet('scale', run, '--workers', '2'));
    await fleet.until(run, 'training with two', ({ status }) => status?.workers === 2);
    const begun = performance.now();
    succeeded(await fleet.bagfleet('cancel', run));
    await fleet.until(run, 'cancelled', ({ state }) => state === 'cancelled', 30);
    while ((await podsOf(run)).length > 0) {
      assert.ok(performance.now() - begun < 30_000, 'its pods are there after 30 s');
      await sleep(200);
    }
  });

  it('is followed by another coordinator', async () => {
    const run = await fleet.submit(fleet.job({ epochs: EPOCHS, fleet: FLEET }));
    await fleet.until(run, 'training', trains);
    const before = await uidsOf(run);
    const coordinators = ['-l', `bagfleet.dev/run=${run},bagfleet.dev/role=coordinator`];
    await fleet.cluster.kubectl(['delete', 'pods', ...coordinators, '--grace-period=0', '--force']);
    await fleet.until(run, 'adopted', ({ status }) => (status?.epoch ?? 0) > 2);
    assert.deepEqual(await uidsOf(run), before, 'the workers went on');
    await until(run);
    assert.deepEqual(await fleet.models(run), here);
    for (const worker of ['w0', 'w1']) {
      const lines = (await logOf(run, worker)).trim().split('\n');
      assert.equal(new Set(lines).size, lines.length, `a line is there twice: ${lines.join('\n')}`);
    }
  });
});

interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: {
    readonly containers: readonly { readonly resources: { readonly limits: Record<string, string> } }[];
  };
}
