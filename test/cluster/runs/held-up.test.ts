/** What holds a run up is told in plain words, and the run goes on by itself when it is gone. */
import assert from 'node:assert/strict';
import { workersName } from '@bagfleet/orchestrator/launch/kubernetes/manifests/names';
import { fleetInCluster } from '../support/fleet-in-cluster.js';
import { type HeldUp, heldUp } from '../support/held-up.js';

const ABSENT = 'localhost/absent:1';
const ROLE = 'bagfleet-coordinator';

describe('a run that is held up', function () {
  this.timeout(180_000);
  const fleet = fleetInCluster(24);
  const { cluster } = fleet;

  async function goesOn({ run, end }: HeldUp): Promise<void> {
    const { code, stderr } = await end;
    assert.equal(code, 0, stderr);
    assert.equal((await fleet.status(run)).state, 'done');
  }

  async function isTakenBack({ cancel, end }: HeldUp): Promise<void> {
    await cancel();
    const { code, stderr } = await end;
    assert.equal(code, 130, stderr);
  }

  it("by the image of the coordinator, which isn't there", async () => {
    const words =
      /the coordinator's pod has no place yet: its image localhost\/absent:1 can't be had \(ErrImageNeverPull.*check fleet\.kubernetes\.coordinatorImage/;
    const kubernetes = { coordinatorImage: ABSENT, imagePullPolicy: 'Never' };
    await isTakenBack(await heldUp(fleet, 'no-coordinator-image', { kubernetes }, words));
  });

  it("by the image of the workers, which isn't there", async () => {
    const words =
      /w0: its image localhost\/absent:1 can't be had \(ErrImageNeverPull.*check fleet\.kubernetes\.image/;
    const kubernetes = { image: ABSENT, coordinatorImage: fleet.image, imagePullPolicy: 'Never' };
    await isTakenBack(await heldUp(fleet, 'no-worker-image', { kubernetes }, words));
  });

  it('by a node selector, until a node has the label', async () => {
    const words = /w0: no node fits it \(0\/1 nodes are available: .*affinity\/selector.*label a node/;
    const held = await heldUp(fleet, 'no-label', { kubernetes: { nodeSelector: { disk: 'fast' } } }, words);
    await cluster.kubectl(['label', 'nodes', '--all', 'disk=fast']);
    try {
      await goesOn(held);
    } finally {
      await cluster.kubectl(['label', 'nodes', '--all', 'disk-']);
    }
  });

  it('by memory that no node has, for the workers and for the coordinator', async () => {
    const words = (field: string) =>
      new RegExp(`no node has room \\(.*Insufficient memory.*lower fleet\\.kubernetes\\.${field}`);
    const worker = await heldUp(fleet, 'big-worker', { kubernetes: { memory: '9Ti' } }, words('memory'));
    await isTakenBack(worker);
    const kubernetes = { coordinatorMemory: '9Ti' };
    const coordinator = await heldUp(fleet, 'big-coordinator', { kubernetes }, words('coordinatorMemory'));
    await isTakenBack(coordinator);
  });

  it('by a quota for nobody, until it is raised', async () => {
    const words = /quota does not allow the coordinator's pod \(.*exceeded quota: nobody.*raise it/;
    await cluster.kubectl(['create', 'quota', 'nobody', '--hard=pods=0']);
    try {
      const held = await heldUp(fleet, 'quota-for-nobody', {}, words);
      await cluster.kubectl(['patch', 'quota', 'nobody', '-p', '{"spec":{"hard":{"pods":"9"}}}']);
      await goesOn(held);
    } finally {
      await cluster.kubectl(['delete', 'quota', 'nobody']);
    }
  });

  it('by a quota for the coordinator alone, until it is raised', async () => {
    const words = /w0: quota does not allow its pod \(.*exceeded quota: small.*raise it/;
    await cluster.kubectl(['create', 'quota', 'small', '--hard=requests.memory=1Gi']);
    try {
      const held = await heldUp(fleet, 'small-quota', {}, words);
      await cluster.kubectl(['patch', 'quota', 'small', '-p', '{"spec":{"hard":{"requests.memory":"9Gi"}}}']);
      await goesOn(held);
    } finally {
      await cluster.kubectl(['delete', 'quota', 'small']);
    }
  });

  it("by a Secret that isn't there, until it is", async () => {
    const words = /its container can't be set up \(secret "more" not found\): create the Secret/;
    const held = await heldUp(fleet, 'no-secret', { kubernetes: { secrets: ['s3', 'more'] } }, words);
    await cluster.kubectl(['create', 'secret', 'generic', 'more', '--from-literal=MORE=1']);
    await goesOn(held);
  });

  /** Takes verbs of a rule of the coordinator's role away while something is done. */
  async function without<T>(
    rule: number,
    verbs: readonly string[],
    work: (giveBack: () => Promise<unknown>) => T,
  ) {
    const path = `/rules/${rule}/verbs`;
    const held = JSON.parse(
      await cluster.kubectl(['get', 'role', ROLE, '-o', `jsonpath={.rules[${rule}].verbs}`]),
    );
    const set = (value: string[]) =>
      cluster.kubectl([
        'patch',
        'role',
        ROLE,
        '--type=json',
        '-p',
        JSON.stringify([{ op: 'replace', path, value }]),
      ]);
    await set(held.filter((verb: string) => !verbs.includes(verb)));
    try {
      return await work(() => set(held));
    } finally {
      await set(held);
    }
  }

  it('by a right to Jobs that the coordinator lacks, until it has it', async () => {
    const words =
      /w0: Job .*-w: you may not apply it: .*bagfleet-coordinator" cannot patch resource "jobs"[\s\S]*k8s\/base\/roles/;
    await without(0, ['create', 'patch', 'delete'], async (giveBack) => {
      const held = await heldUp(fleet, 'no-right', {}, words);
      await giveBack();
      await goesOn(held);
    });
  });

  it('by a right to see pods that the coordinator lacks, until it has it', async () => {
    const words =
      /w0: its pod can't be seen: .*you may not list it: .*cannot list resource "pods"[\s\S]*k8s\/base\/roles/;
    await without(1, ['list', 'watch'], async (giveBack) => {
      const held = await heldUp(fleet, 'blind', {}, words);
      await giveBack();
      await goesOn(held);
    });
  });

  it('by a queue of Kueue that lets nobody in, until somebody does', async () => {
    const words = /w0: it waits for quota in Kueue's queue team-a/;
    const held = await heldUp(fleet, 'queued', { kubernetes: { queue: 'team-a' } }, words);
    await cluster.kubectl(['patch', 'job', workersName(held.run), '-p', '{"spec":{"suspend":false}}']);
    await goesOn(held);
  });

  it('by memory that is too little for the workers and for the coordinator', async () => {
    const words = /w0 was killed for memory .*: its limit is 150Mi.*raise fleet\.kubernetes\.memory/;
    await isTakenBack(await heldUp(fleet, 'small-worker', { kubernetes: { memory: '150Mi' } }, words));
    const own =
      /the coordinator's pod was killed for memory: its limit is 40Mi .*raise fleet\.kubernetes\.coordinatorMemory/;
    await isTakenBack(
      await heldUp(fleet, 'small-coordinator', { kubernetes: { coordinatorMemory: '40Mi' } }, own),
    );
  });
});
