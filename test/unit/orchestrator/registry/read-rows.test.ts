import assert from 'node:assert/strict';
import {
  readAllLedgerRows,
  readEvents,
  readLedger,
  readMetrics,
  readWork,
} from '@bagfleet/orchestrator/registry/read-rows';
import {
  type EpochRow,
  type LedgerRow,
  ledgerFile,
  type StepRow,
  type WorkRow,
  workFile,
} from '@bagfleet/proto';
import fc from 'fast-check';
import { MemoryStore } from '../../../support/memory-store.js';
import { putText } from '../../../support/run-folder.js';

function stepRow(epoch: number, step: number, loss = 0.5): StepRow {
  return {
    kind: 'step',
    epoch,
    step,
    loss,
    weight: 8,
    rate: 5e-4,
    gradientNorm: 1,
    bags: 8,
    instances: 80,
    balance: 0.9,
    milliseconds: 20,
  };
}

function epochRow(epoch: number, trainLoss = 0.5): EpochRow {
  return {
    kind: 'epoch',
    epoch,
    trainLoss,
    validation: { auc: 0.9 },
    isBest: false,
    bagsPerSecond: 30,
    seconds: 6,
  };
}

function ledgerRow(epoch: number, step: number, generation = 1): LedgerRow {
  return {
    epoch,
    step,
    generation: { lease: 1, number: generation },
    workers: ['w0'],
    counted: [[0, 'b1', 0]],
    skipped: [],
    weight: 1,
  };
}

function workRow(epoch: number, step: number, rank: number, waitMs = 0): WorkRow {
  return {
    epoch,
    step,
    worker: `w${rank}`,
    rank,
    computed: [[0, 'b1']],
    planned: [0],
    gradientBytesSent: 1,
    gradientBytesReceived: 1,
    computeMs: 1,
    waitMs,
    dataWaitMs: 2,
    stepMs: 9,
  };
}

const lines = (rows: readonly object[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('');

describe('rows of a run', () => {
  it('are none before their file is there', async () => {
    const store = new MemoryStore();
    assert.deepEqual(await readMetrics(store, 'a'), { steps: [], epochs: [] });
    assert.deepEqual(await readLedger(store, 'a'), []);
    assert.deepEqual(await readWork(store, 'a'), []);
    assert.deepEqual(await readEvents(store, 'a'), []);
  });

  it('of a redone step replace the earlier ones', async () => {
    const store = new MemoryStore();
    const rows = [
      stepRow(1, 1),
      stepRow(1, 2, 0.9),
      epochRow(1, 0.9),
      stepRow(1, 2, 0.4),
      epochRow(1, 0.4),
      stepRow(2, 1),
    ];
    await putText(store, 'a/metrics.jsonl', lines(rows));
    const { steps, epochs } = await readMetrics(store, 'a');
    assert.deepEqual(steps, [stepRow(1, 1), stepRow(1, 2, 0.4), stepRow(2, 1)]);
    assert.deepEqual(epochs, [epochRow(1, 0.4)]);
  });

  it('come from the files of all epochs', async () => {
    const store = new MemoryStore();
    const first = [ledgerRow(1, 2), ledgerRow(1, 1), ledgerRow(1, 2, 3)];
    await putText(store, `a/${ledgerFile(1)}`, lines(first));
    await putText(store, `a/${ledgerFile(11)}`, lines([ledgerRow(11, 1)]));
    await putText(store, `a/${ledgerFile(2)}`, lines([ledgerRow(2, 1)]));
    await putText(store, 'a/ledger/notes.txt', lines([ledgerRow(5, 5)]));
    assert.deepEqual(await readLedger(store, 'a'), [
      ledgerRow(1, 1),
      ledgerRow(1, 2, 3),
      ledgerRow(2, 1),
      ledgerRow(11, 1),
    ]);
    assert.deepEqual(await readAllLedgerRows(store, 'a'), [...first, ledgerRow(2, 1), ledgerRow(11, 1)]);
    await putText(
      store,
      `a/${workFile(1)}`,
      lines([workRow(1, 1, 1), workRow(1, 1, 0), workRow(1, 1, 1, 7)]),
    );
    await putText(store, `a/${workFile(2)}`, lines([workRow(2, 1, 0)]));
    assert.deepEqual(await readWork(store, 'a'), [workRow(1, 1, 0), workRow(1, 1, 1, 7), workRow(2, 1, 0)]);
  });

  it('of the newest epoch are read before those it follows on', async () => {
    const store = new MemoryStore();
    for (const epoch of [1, 2, 3])
      await putText(store, `a/${ledgerFile(epoch)}`, lines([ledgerRow(epoch, 1)]));
    store.calls.length = 0;
    await readLedger(store, 'a');
    assert.equal(store.calls[0], `get a/${ledgerFile(3)}`);
    assert.equal(store.calls.length, 3);
  });

  it('are all those whose line is whole, wherever the file breaks off', async () => {
    const rows = Array.from({ length: 5 }, (_, i) => stepRow(1, i + 1));
    const text = lines(rows);
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: text.length }), async (length) => {
        const store = new MemoryStore();
        await putText(store, 'a/metrics.jsonl', text.slice(0, length));
        const whole = text.slice(0, length + 1).split('\n').length - 1; // the line break itself may be missing
        assert.deepEqual((await readMetrics(store, 'a')).steps, rows.slice(0, whole));
      }),
    );
  });

  it('pass over lines that are no rows', async () => {
    const store = new MemoryStore();
    const event = { time: '2026-03-01T12:00:00Z', event: 'joined', message: 'w0 joined', worker: 'w0' };
    await putText(store, 'a/events.jsonl', `null\n{"event":1}\nnonsense\n\n${JSON.stringify(event)}\n`);
    assert.deepEqual(await readEvents(store, 'a'), [event]);
  });
});
