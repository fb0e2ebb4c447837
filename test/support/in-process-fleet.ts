/**
 * The arithmetic of a fleet in one process, without sessions, streams and files: each worker has an engine and a state of
 * its own, computes its slots, and applies the exact sum of all. What the real fleet does, in milliseconds per step.
 * In: a job, bags in memory, a number of workers. Out: the states after the last step, one per worker.
 */
import type { BagEntry, JobSpec } from '@bagfleet/proto';
import { batchOf, epochOrder, stepsPerEpoch } from '@bagfleet/proto';
import { combineExponents } from '@bagfleet/worker/collective/combine-exponents';
import type { Bag } from '@bagfleet/worker/data/bag';
import type { ModelSetup, SharedInts } from '@bagfleet/worker/engine/compute-protocol';
import { ModelEngine } from '@bagfleet/worker/engine/model-engine';
import { createModel } from '@bagfleet/worker/models/create-model';
import { rateAt } from '@bagfleet/worker/train/schedule';
import { initialState, sharedFloats, type TrainingState } from '@bagfleet/worker/train/training-state';

export interface KnownBag {
  readonly bag: Bag;
  readonly label: BagEntry['label'];
}

export interface TrainedWorker {
  readonly engine: ModelEngine;
  readonly state: TrainingState;
}

/** The caller disposes of the engines. */
export function trainInProcess(
  job: JobSpec,
  bags: readonly KnownBag[],
  workers: number,
  steps: number,
): TrainedWorker[] {
  const fleet = Array.from({ length: workers }, () => workerOf(job, bags[0].bag.instanceShape));
  const perEpoch = stepsPerEpoch(bags.length, job.train.batch);
  for (let step = 0; step < steps; step++) {
    const epoch = Math.floor(step / perEpoch) + 1;
    const order = [...epochOrder(job.seed, epoch, bags.length)];
    const batch = batchOf(order, job.train.batch, step % perEpoch).map((index) => bags[index]);
    const rate = rateAt(
      job.train,
      { epochs: Math.ceil(steps / perEpoch), stepsPerEpoch: perEpoch },
      step + 1,
    );
    applyStep(fleet, batch, { epoch, step: step + 1, rate });
  }
  return fleet;
}

function workerOf(job: JobSpec, instanceShape: readonly number[]): TrainedWorker {
  const model = createModel(job.model, { instanceShape, outputs: 1 });
  const state = initialState(job, model);
  const setup: ModelSetup = {
    ...{ model: job.model, train: job.train, instances: job.data, seed: job.seed },
    ...{ instanceShape, outputs: 1, slots: job.train.batch },
    ...{ parameters: state.parameters, moments: state.moments },
  };
  return { engine: new ModelEngine(setup), state };
}

/** Slot i is computed by worker i mod N; sums are added in an order that differs from worker to worker. */
function applyStep(
  fleet: readonly TrainedWorker[],
  batch: readonly KnownBag[],
  at: { readonly epoch: number; readonly step: number; readonly rate: number },
): void {
  const { length, blocks } = fleet[0].state.layout;
  const slots = batch.map(({ bag, label }, slot) => {
    const into = sharedFloats(length);
    const { engine } = fleet[slot % fleet.length];
    return { into, ...engine.gradient({ ...bag, label }, { epoch: at.epoch, repeat: 0 }, into) };
  });
  const exponents = combineExponents(
    blocks,
    slots.map((slot) => slot.exponents),
  );
  const weight = slots.reduce((sum, slot) => sum + slot.weight, 0);
  for (const [rank, { engine }] of fleet.entries()) {
    const mineFirst = [...slots.keys()].sort(
      (a, b) => ((a + rank) % slots.length) - ((b + rank) % slots.length),
    );
    const sum = new Int32Array(new SharedArrayBuffer(length * 4)) as SharedInts;
    engine.quantise(
      mineFirst.map((slot) => slots[slot].into),
      exponents,
      sum,
    );
    engine.update({ sum, exponents, weight, step: at.step, rate: at.rate });
  }
}
