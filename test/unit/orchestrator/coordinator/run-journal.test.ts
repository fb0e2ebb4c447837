/** The journal of a run that several coordinators write, one after the other. */
import assert from 'node:assert/strict';
import { RunJournal } from '@bagfleet/orchestrator/coordinator/run-journal';
import {
  type DatasetManifest,
  type EventRow,
  type LedgerRow,
  ledgerFile,
  parseJob,
  RUN_FILES,
  type RunStatus,
  type StepRow,
  statusSchema,
  workFile,
} from '@bagfleet/proto';
import { MemoryStore } from '../../../support/memory-store.js';

const MANIFEST: DatasetManifest = {
  schemaVersion: 1,
  name: 'd',
  instanceShape: [4],
  classes: ['a', 'b'],
  bags: Array.from({ length: 12 }, (_, i) => ({
    id: `b${i}`,
    key: `b${i}.npy`,
    bytes: 1,
    instances: 5,
    label: i % 2,
    split: 'train' as const,
  })),
};
const JOB = parseJob({ data: { manifest: 'm' }, train: { epochs: 3, batch: 4 } }, 'test');

function stepRow(epoch: number, step: number, loss: number): StepRow {
  const rest = {
    weight: 4,
    rate: 1e-3,
    gradientNorm: 1,
    bags: 4,
    instances: 20,
    balance: 1,
    milliseconds: 500,
  };
  return { kind: 'step', epoch, step, loss, ...rest };
}

function ledgerRow(epoch: number, step: number): LedgerRow {
  return {
    epoch,
    step,
    generation: { lease: 1, number: 1 },
    workers: ['w0'],
    counted: [],
    skipped: [],
    weight: 4,
  };
}

describe('the journal of a run', () => {
  let store: MemoryStore;
  let statuses: RunStatus[];
  let happened: EventRow[];
  const journals: RunJournal[] = [];

  beforeEach(() => {
    store = new MemoryStore();
    statuses = [];
    happened = [];
  });
  afterEach(async () => {
    for (const journal of journals.splice(0)) await journal.close();
  });

  function journal(): RunJournal {
    const tenure = { isHeld: () => true, renew: async () => {}, confirm: async () => true };
    const made = new RunJournal({
      runId: 'r',
      job: JOB,
      manifest: MANIFEST,
      store,
      tenure,
      onStored: () => {},
      onStatus: (now) => statuses.push(now),
      onHappened: (row) => happened.push(row),
    });
    journals.push(made);
    return made;
  }

  function tell(to: RunJournal, epoch: number, step: number, loss: number): void {
    to.record({
      metrics: [JSON.stringify(stepRow(epoch, step, loss))],
      ledger: [JSON.stringify(ledgerRow(epoch, step))],
      work: [],
      upto: { epoch, step },
      urgent: false,
    });
  }

  async function linesOf(name: string): Promise<string[]> {
    return Buffer.from((await store.get(name)).bytes)
      .toString('utf8')
      .trim()
      .split('\n');
  }

  async function status(): Promise<RunStatus> {
    return statusSchema.parse(JSON.parse((await linesOf(RUN_FILES.status)).join('\n')));
  }

  it('goes on where an earlier coordinator ended: same start, same facts, all rows and log lines', async () => {
    const first = journal();
    await first.begin(null);
    tell(first, 1, 1, 4);
    tell(first, 1, 2, 2);
    first.log('w0', 'a line');
    await first.flush();
    const before = await status();

    const second = journal();
    await second.begin({ ...before, startedAt: '2026-01-01T00:00:00.000Z' });
    assert.deepEqual(second.recordedOf('w0'), { lines: 1, last: 'a line' });
    assert.deepEqual(second.recordedOf('w1'), { lines: 0, last: null });
    tell(second, 1, 3, 3);
    second.log('w0', 'another');
    await second.flush();
    const after = await status();
    assert.equal(after.startedAt, '2026-01-01T00:00:00.000Z');
    assert.equal(after.step, 3);
    assert.equal(after.loss, 3);
    assert.equal((await linesOf(RUN_FILES.metrics)).length, 3);
    assert.equal((await linesOf(ledgerFile(1))).length, 3);
    assert.deepEqual(await linesOf(`${RUN_FILES.logs}w0.log`), ['a line', 'another']);
  });

  it('counts a step that is done again once', async () => {
    const told = journal();
    await told.begin(null);
    for (const [step, loss] of [
      [1, 1],
      [2, 3],
      [2, 3],
    ])
      tell(told, 1, step, loss);
    await told.flush();
    assert.equal((await status()).loss, 2);
    assert.equal((await linesOf(RUN_FILES.metrics)).length, 3);
  });

  it('stands where training stands when it went back to a checkpoint', async () => {
    const told = journal();
    await told.begin(null);
    for (const epoch of [1, 2]) for (const step of [1, 2, 3]) tell(told, epoch, step, epoch);
    tell(told, 2, 1, 2);
    await told.flush();
    const { epoch, step, loss } = await status();
    assert.deepEqual({ epoch, step, loss }, { epoch: 2, step: 1, loss: 2 });
  });

  it('passes over lines of the metrics that are none of this version', async () => {
    await store.put(
      RUN_FILES.metrics,
      Buffer.from(`{"kind":"other"}\n${JSON.stringify(stepRow(1, 1, 5))}\n`),
    );
    const first = journal();
    await first.begin(null);
    await first.flush();
    const second = journal();
    await second.begin(await status());
    await second.flush();
    assert.equal((await status()).loss, 5);
  });

  it('tells each change as it comes, and each line of the events', async () => {
    const told = journal();
    await told.begin(null);
    told.status({ kind: 'status', state: 'running', workers: 2, phase: 'training with 2 workers' });
    tell(told, 1, 1, 4);
    told.note('lost', 'w1 is lost', 'w1');
    await told.end({ state: 'cancelled', error: null });
    assert.deepEqual(
      statuses.map(({ state, step }) => [state, step]),
      [
        ['running', 0],
        ['running', 1],
        ['cancelled', 1],
      ],
    );
    assert.deepEqual(told.now, statuses.at(-1));
    assert.deepEqual(
      happened.map(({ event, message, worker }) => [event, message, worker]),
      [['lost', 'w1 is lost', 'w1']],
    );
  });

  it('says what the core decided, and ends with the pictures and the final status', async () => {
    const told = journal();
    await told.begin(null);
    told.status({ kind: 'status', state: 'waiting', workers: 1, phase: 'waiting: 1 of 2 workers' });
    await told.flush();
    const { state, workers, phase } = await status();
    assert.deepEqual(
      { state, workers, phase },
      { state: 'waiting', workers: 1, phase: 'waiting: 1 of 2 workers' },
    );
    tell(told, 1, 1, 1);
    told.record({
      metrics: [],
      ledger: [],
      work: [
        JSON.stringify({
          epoch: 1,
          step: 1,
          worker: 'w1',
          rank: 1,
          computed: [[0, 'b0']],
          planned: [0],
          gradientBytesSent: 1,
          gradientBytesReceived: 1,
          computeMs: 1,
          waitMs: 1,
        }),
      ],
      urgent: false,
    });
    await told.end({ state: 'done', error: null });
    assert.equal((await status()).state, 'done');
    assert.equal((await linesOf(workFile(1))).length, 1);
    assert.ok(store.objects.has(RUN_FILES.curves));
    assert.equal([...store.objects.keys()].filter((key) => key.startsWith(RUN_FILES.tensorboard)).length, 1);
  });
});
