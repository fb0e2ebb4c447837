/**
 * Whole runs in a simulated world: whatever befalls the fleet, when the faults end the run is done, in bounded time.
 */
import assert from 'node:assert/strict';
import { BagfleetError } from '@bagfleet/proto';
import { LIMITS } from '../../../support/core-transcript.js';
import { World } from './core-world.js';
import { Dice } from './core-world-events.js';
import { pair, type SimWorker } from './core-world-worker.js';

/** `npm run test:long` plays 1,000. */
const WORLDS = Number(process.env.CORE_WORLDS ?? 200);
const FAULTS_MS = 60_000;
/** The slowest ways to notice a fault one after the other (stuck, not entered, adopting), and the steps. */
const END_MS = 300_000;

describe("the coordinator's core in a simulated world", function () {
  this.timeout(600_000);

  it(`finishes in each of ${WORLDS} worlds once the faults end`, () => {
    for (let seed = 1; seed <= WORLDS; seed++)
      within(seed, (world, dice) => {
        disturb(world, dice, FAULTS_MS);
        runOn(world, END_MS);
        assert.equal(world.verdict?.state, 'done', world.verdict?.error?.message ?? 'no verdict');
      });
  });

  it('ends in time when it is told to, whatever happens then', () => {
    for (let seed = 1; seed <= 500; seed++)
      within(seed, (world, dice) => {
        disturb(world, dice, dice.below(FAULTS_MS));
        while (world.orphaned !== null) world.quantum();
        world.tell({ kind: 'interrupt', signal: 'SIGTERM' });
        disturb(world, dice, 5000, false);
        runOn(world, LIMITS.keepMs + LIMITS.stopMs + 10_000 + 1000);
        assert.ok(['done', 'interrupted'].includes(world.verdict?.state ?? 'none'), world.verdict?.state);
      });
  });
});

function within(seed: number, play: (world: World, dice: Dice) => void): void {
  const dice = new Dice(seed);
  const minWorkers = dice.pick([1, 1, 2]);
  const wanted = minWorkers + dice.below(4);
  // A budget that suffices: what a spent one does is told by the transcripts.
  const limits = { ...LIMITS, minWorkers, restarts: 1000, backoffMs: 250, waitMs: 300_000 };
  const world = new World(dice, limits, wanted, 200 + dice.below(100));
  try {
    play(world, dice);
  } catch (thrown) {
    const story = world.story.slice(-60).join('\n');
    throw new Error(`seed ${seed}: ${thrown instanceof Error ? thrown.message : thrown}\n${story}`);
  }
}

function disturb(world: World, dice: Dice, forMs: number, coordinatorToo = true): void {
  const until = world.now + forMs;
  while (world.now < until && !world.verdict) {
    world.quantum();
    if (dice.chance(0.04)) befall(world, dice, coordinatorToo);
  }
  // The faults end: links heal. Who is frozen or hung stays so, and is to be noticed.
  world.cuts.clear();
}

function runOn(world: World, forMs: number): void {
  const until = world.now + forMs;
  while (world.now < until && !world.verdict) world.quantum();
}

function befall(world: World, dice: Dice, coordinatorToo: boolean): void {
  const sound = world.workers.filter(({ alive, prepared, stopping }) => alive && prepared && !stopping);
  if (sound.length === 0) return;
  const worker: SimWorker = dice.pick(sound);
  const { id } = worker;
  const fault = dice.pick([
    'kill',
    'kill',
    'freeze',
    'hang',
    'cut',
    'close',
    'leave',
    'scale',
    'coordinator',
    'wrong',
    'disagree',
  ]);
  world.story.push(`${world.now} fault: ${fault} ${id}`);
  switch (fault) {
    case 'kill':
      return world.exit(worker, null, 'SIGKILL');
    case 'freeze':
      worker.frozen = true;
      return;
    case 'hang':
      worker.hung = true;
      return;
    case 'cut':
      world.cuts.add(pair(id, dice.pick(sound).id));
      return;
    case 'close':
      if (!worker.session) return;
      worker.session = false;
      return world.tell({ kind: 'closed', worker: id });
    case 'leave':
      worker.leaving = true;
      if (worker.ready) world.tell({ kind: 'leaving', worker: id, reason: 'SIGTERM' });
      return;
    case 'scale':
      if (world.orphaned !== null) return;
      world.wanted = world.limits.minWorkers + dice.below(4);
      return world.tell({ kind: 'scale', workers: world.wanted });
    case 'coordinator':
      if (coordinatorToo && world.orphaned === null) world.dieCoordinator();
      return;
    default: {
      const { target } = worker;
      if (!target?.entered || target.broken || !worker.session) return;
      // More than a few of these end the run, as they should.
      if (fault === 'disagree' && (!coordinatorToo || world.core.rollbacks >= 2)) return;
      const code = fault === 'disagree' ? 'machines-disagree' : 'machine-wrong';
      const error = new BagfleetError(code, 'computed another gradient');
      const suspects = [dice.pick(target.members)];
      return world.tell({ kind: 'broken', worker: id, generation: target.generation, error, suspects });
    }
  }
}
