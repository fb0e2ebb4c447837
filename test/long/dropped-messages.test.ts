/**
 * Nothing hangs: whatever message is lost, on whichever side, the run ends by a named deadline, either done with the
 * weights of the undisturbed run or with a word that names whom it waited for.
 *
 * A drop is counted by a process, so a worker that is launched again loses its first messages again. Messages of the
 * coordinator are dropped where they arrive. Runs mostly wait, so three go side by side.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DROPPABLE, type Droppable } from '@bagfleet/proto';
import {
  auditOf,
  type FaultyRun,
  faultyRun,
  type Order,
  story,
  told,
  weightsOf,
} from '../support/faulty-run.js';
import { childrenOf, endProcess, untilStatus } from '../support/run-processes.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';
import { writeTinyDataset } from '../support/tiny-dataset.js';
import { workOf } from '../support/trained-run.js';

const SIDE_BY_SIDE = 3;
const BAGS = [3, 9, 1, 6, 12, 2, 5, 30, 4, 7, 8, 11];
const BATCH = 4;
const EPOCHS = 3;

const FIELDS = {
  'model.hidden': 16,
  'model.attention': 8,
  'train.batch': BATCH,
  'train.epochs': EPOCHS,
  'fleet.setupTimeout': 12,
  'fleet.stepTimeout': 4,
  'fleet.heartbeatTimeout': 2,
  'fleet.heartbeatInterval': 0.3,
  'fleet.checkpointTimeout': 6,
  'fleet.evaluationTimeout': 6,
  'fleet.waitTimeout': 10,
  'fleet.orphanTimeout': 10,
  'fleet.stopTimeout': 6,
  'fleet.restarts': 2,
  'fleet.restartBackoff': 0.2,
  'fleet.minWorkers': 1,
};

interface Case {
  readonly drop: Droppable;
  /** For all time, if not given. */
  readonly times?: number;
  /** w1 of two, if not given. */
  readonly worker?: 'w0' | 'w1';
  readonly workers?: number;
  /** What else goes wrong, so that the message is sent at all. */
  readonly orders?: readonly Order[];
  readonly meanwhile?: (runs: string) => Promise<unknown>;
  /** Seconds by which the run has ended. */
  readonly within: number;
  readonly ends: 'done' | 'interrupted' | 'failed';
  /** What shows that the loss was felt, and how it was got over; some leave no trace. */
  readonly shows?: (run: FaultyRun) => boolean;
}

/** Each step takes so long: the run goes on while something is found out. */
function slowly(ms: number, worker = 'w0'): Order {
  return { id: 'slowly', act: 'delay', worker, phase: 'compute', ms, times: 1000 };
}

function says(event: string, words: RegExp, worker?: string): (run: FaultyRun) => boolean {
  return (run) => told(run, event, worker).some((message) => words.test(message));
}

function terminates(who: string, afterStep: number): (runs: string) => Promise<void> {
  return async (runs) => {
    const { run } = await untilStatus(runs, ({ state, step }) => state === 'running' && step >= afterStep);
    for (const pid of childrenOf(run, who)) endProcess(pid, 'SIGTERM');
  };
}

const W0_LEAVES = says('complaints', /w0 is named by .*; w0 leaves/);
const W1_LEAVES = says('complaints', /w1 is named by .*; w1 leaves/);

const CASES: readonly Case[] = [
  { drop: 'session.join', within: 60, ends: 'done', shows: says('lost', /was not ready after 12 s/, 'w1') },
  {
    drop: 'session.ready',
    within: 60,
    ends: 'done',
    shows: says('lost', /was not ready after 12 s: its last phase was "waiting for the others"/, 'w1'),
  },
  {
    drop: 'session.heartbeat',
    orders: [slowly(900)],
    within: 60,
    ends: 'done',
    shows: says('lost', /was not heard for|has shown no progress for/, 'w1'),
  },
  {
    drop: 'session.heartbeat',
    times: 3,
    orders: [slowly(100)],
    within: 40,
    ends: 'done',
  },
  {
    drop: 'session.rows',
    within: 40,
    ends: 'done',
    shows: (run) => new Set(workOf(run).map(({ worker }) => worker)).size === 1,
  },
  { drop: 'session.rows', worker: 'w0', within: 60, ends: 'done', shows: W0_LEAVES },
  // The rows that follow are not taken for all: the ledger of the audit would have a gap.
  { drop: 'session.rows', worker: 'w0', times: 1, within: 60, ends: 'done', shows: W0_LEAVES },
  {
    drop: 'session.finished',
    within: 70,
    ends: 'done',
    shows: says('lost', /it finished, but however often it was asked/, 'w1'),
  },
  {
    drop: 'session.finished',
    times: 1,
    within: 40,
    ends: 'done',
    shows: says('generation', /w1 finished, and with which state was not heard/),
  },
  {
    drop: 'session.entered',
    orders: [slowly(900)],
    within: 60,
    ends: 'done',
    shows: says('lost', /did not enter generation 1.1 within 5 s/, 'w1'),
  },
  {
    drop: 'session.broken',
    orders: [slowly(100), { act: 'cut', worker: 'w1', peer: 'w0', epoch: 1, step: 3 }],
    within: 60,
    ends: 'done',
    shows: W1_LEAVES,
  },
  {
    drop: 'session.leaving',
    orders: [slowly(3500)],
    meanwhile: terminates('w1', 0),
    within: 80,
    ends: 'done',
    shows: says('lost', /closed its session in epoch 3/, 'w1'),
  },
  {
    drop: 'session.kept',
    worker: 'w0',
    orders: [slowly(1000)],
    meanwhile: terminates('coordinator', 1),
    within: 40,
    ends: 'interrupted',
    shows: says('interrupted', /w0 did not write it within 3 s/),
  },
  { drop: 'session.welcome', within: 60, ends: 'done', shows: says('lost', /was not heard for/, 'w1') },
  { drop: 'session.start', within: 60, ends: 'done', shows: W1_LEAVES },
  {
    drop: 'session.stop',
    within: 40,
    ends: 'done',
    shows: ({ events, status }) => {
      const [done] = events.filter(({ event }) => event === 'done');
      return Date.parse(status.endedAt ?? '') - Date.parse(done.time) >= 3900;
    },
  },
  { drop: 'session.stored', within: 40, ends: 'done' },
  { drop: 'session.stored', worker: 'w0', within: 60, ends: 'done', shows: W0_LEAVES },
  { drop: 'session.stored', worker: 'w0', times: 1, within: 60, ends: 'done' },
  {
    drop: 'session.keep',
    worker: 'w0',
    orders: [slowly(1000)],
    meanwhile: terminates('coordinator', 1),
    within: 40,
    ends: 'interrupted',
    shows: says('interrupted', /w0 did not write it within 3 s/),
  },
  ...(['peer.open', 'peer.hello', 'peer.exchange', 'peer.contribution', 'peer.sum'] as const).flatMap(
    (drop): Case[] => [
      { drop, within: 80, ends: 'done', shows: W1_LEAVES },
      { drop, times: 1, workers: 3, within: 90, ends: 'done', shows: says('complaints', /w1/) },
    ],
  ),
  ...[1, 2, undefined].map(
    (times): Case => ({
      drop: 'peer.state',
      ...(times ? { times } : {}),
      orders: [slowly(1500, 'w1'), { act: 'kill', worker: 'w0', phase: 'compute', epoch: 1, step: 2 }],
      within: 80,
      ends: 'done',
      shows: W1_LEAVES,
    }),
  ),
];

describe('a message that is lost', function () {
  this.timeout(600_000);
  const temp = tempFolderForAll();
  const outcomes = new Map<Case, Promise<FaultyRun>>();
  let undisturbed = '';

  before(async () => {
    const { path: manifest } = await writeTinyDataset(join(temp.path, 'data'), {
      train: BAGS,
      val: [4, 10, 2],
    });
    const sound = { folder: join(temp.path, 'sound'), manifest, within: 60 };
    const run = await faultyRun({ ...sound, fields: { ...FIELDS, 'fleet.workers': 1 } });
    assert.equal(run.code, 0, run.stderr);
    undisturbed = weightsOf(run);
    const free = Array.from({ length: SIDE_BY_SIDE }, () => Promise.resolve());
    for (const [i, one] of CASES.entries()) {
      const place = i % SIDE_BY_SIDE;
      const outcome = free[place].then(() => disturbedRun(join(temp.path, `${i}`), manifest, one));
      free[place] = outcome.then(
        () => undefined,
        () => undefined,
      );
      outcomes.set(one, outcome);
    }
  });

  after(() => Promise.allSettled(outcomes.values()));

  it('may be any that can be dropped', () => {
    const dropped = new Set(CASES.map(({ drop }) => drop));
    assert.deepEqual(
      DROPPABLE.filter((message) => !dropped.has(message)),
      [],
    );
  });

  for (const one of CASES)
    it(titleOf(one), async () => {
      const run = await (outcomes.get(one) as Promise<FaultyRun>);
      assert.equal(run.status.state, one.ends, story(run));
      assert.ok(one.shows?.(run) ?? true, `nothing shows that it was lost: ${story(run)}`);
      if (one.ends !== 'done') return;
      assert.equal(weightsOf(run), undisturbed);
      await auditOf(run);
    });
});

function titleOf({ drop, times, worker = 'w1', workers = 2, ends }: Case): string {
  const how = times ? `the first ${times === 1 ? '' : `${times} `}of` : 'always on';
  return `${drop}, ${how} ${worker} of ${workers}: ${ends}`;
}

function disturbedRun(folder: string, manifest: string, one: Case): Promise<FaultyRun> {
  const { drop, times, worker = 'w1', workers = 2, orders = [], within, meanwhile } = one;
  const lost: Order = { act: 'drop', worker, message: drop, ...(times ? { times } : {}) };
  return faultyRun({
    folder,
    manifest,
    fields: { ...FIELDS, 'fleet.workers': workers },
    orders: [lost, ...orders],
    within,
    ...(meanwhile ? { meanwhile } : {}),
  });
}
