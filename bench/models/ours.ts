/**
 * Forward and backward of one bag by the engine that workers compute with, as often as standard input says, on one thread.
 * In: lines `case`. Out: a line of JSON for each: seconds, CPU seconds of this process. The gradient is read out, flat.
 */
import { createInterface } from 'node:readline';
import { CounterRng, parseJob } from '@bagfleet/proto';
import { loadBackend } from '@bagfleet/worker/engine/backend';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import type { BagMessage, SharedFloats } from '@bagfleet/worker/engine/compute-protocol';
import { ModelEngine } from '@bagfleet/worker/engine/model-engine';
import { createModel } from '@bagfleet/worker/models/create-model';
import { initialState, sharedFloats } from '@bagfleet/worker/train/training-state';

const CASES: Readonly<
  Record<string, { model: Record<string, unknown>; shape: number[]; instances: number }>
> = {
  abmil: { model: { name: 'abmil' }, shape: [1024], instances: 2000 },
  clam_sb: { model: { name: 'clam_sb', attention: 256 }, shape: [1024], instances: 2000 },
  transmil: {
    model: { name: 'transmil', hidden: null, transformer: { mlp: false } },
    shape: [1024],
    instances: 2000,
  },
  panda: { model: { name: 'panda' }, shape: [128, 128, 3], instances: 16 },
};

interface Case {
  readonly engine: ModelEngine;
  readonly bag: BagMessage;
  readonly into: SharedFloats;
}

Object.assign(process.env, computeEnvironment(1));
await loadBackend();
const cases = new Map<string, Case>();
for await (const name of createInterface({ input: process.stdin })) {
  const { engine, bag, into } = cases.get(name) ?? made(name);
  const cpu = process.cpuUsage();
  const start = performance.now();
  engine.gradient(bag, { epoch: 1, repeat: 0 }, into);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  process.stdout.write(`${JSON.stringify({ seconds, cpu: (user + system) / 1e6 })}\n`);
}

function made(name: string): Case {
  const { model, shape, instances } = CASES[name];
  const job = parseJob({ data: { manifest: 'none' }, model }, 'bench');
  const state = initialState(job, createModel(job.model, { instanceShape: shape, outputs: 1 }));
  const features = sharedFloats(shape.reduce((product, size) => product * size, instances));
  features.set(new CounterRng(1, [name]).normal(features.length));
  const engine = new ModelEngine({
    ...{ model: job.model, train: job.train, instances: job.data, seed: 1 },
    ...{ instanceShape: shape, outputs: 1, slots: 8, parameters: state.parameters, moments: state.moments },
  });
  const bag: BagMessage = {
    ...{ id: 'bench', label: 1, instances, instanceShape: shape, type: 'float32', features },
    ...{ coords: null, instanceLabels: null, edges: null, slides: [0, instances] },
  };
  const built = { engine, bag, into: sharedFloats(state.layout.length) };
  cases.set(name, built);
  return built;
}
