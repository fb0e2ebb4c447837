/**
 * `npm run bench:memory`: what the gradient of a bag of 50,000 × 1,024 takes with ABMIL, beyond the process before it and the
 * model's own size; features are counted.
 * Out: the peak of the process's resident memory in MB, of a process of its own.
 */
import { CounterRng, parseJob } from '@bagfleet/proto';
import { loadBackend } from '@bagfleet/worker/engine/backend';
import { computeEnvironment } from '@bagfleet/worker/engine/compute-environment';
import { ModelEngine } from '@bagfleet/worker/engine/model-engine';
import { createModel } from '@bagfleet/worker/models/create-model';
import { initialState, sharedFloats } from '@bagfleet/worker/train/training-state';

const [INSTANCES, WIDTH] = [50_000, 1024];
const BAR = 1500;

Object.assign(process.env, computeEnvironment(1));
await loadBackend();
const job = parseJob({ data: { manifest: 'none' }, model: { name: 'abmil' } }, 'bench');
const state = initialState(job, createModel(job.model, { instanceShape: [WIDTH], outputs: 1 }));
const engine = new ModelEngine({
  ...{ model: job.model, train: job.train, instances: job.data, seed: 1 },
  ...{ instanceShape: [WIDTH], outputs: 1, slots: 8, parameters: state.parameters, moments: state.moments },
});
const before = process.memoryUsage.rss();
const features = sharedFloats(INSTANCES * WIDTH);
const row = new CounterRng(1, ['row']).normal(WIDTH);
for (let i = 0; i < INSTANCES; i++) features.set(row, i * WIDTH);
const bag = {
  id: 'large',
  label: 1,
  instances: INSTANCES,
  instanceShape: [WIDTH],
  type: 'float32' as const,
  features,
};
const into = sharedFloats(state.layout.length);
const none = { coords: null, instanceLabels: null, edges: null, slides: [0, INSTANCES] };
for (let epoch = 1; epoch <= 3; epoch++) engine.gradient({ ...bag, ...none }, { epoch, repeat: 0 }, into);
const taken = (process.resourceUsage().maxRSS * 1024 - before) / 1e6;
process.stdout.write(
  `${taken.toFixed(0)} MB (bar ${BAR}), ${(features.byteLength / 1e6).toFixed(0)} of them the features, model ${(state.parameters.byteLength / 1e6).toFixed(0)} MB\n`,
);
