/**
 * The compute thread: loads TensorFlow.js, then answers one request after the other.
 * Entry point of a worker_threads thread; the requests are in compute-protocol.ts.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { BagfleetError } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { speakAsAsked } from '../json-console.js';
import { loadBackend } from './backend.js';
import type { AnswerEnvelope, ComputeCalls, ComputeKind, RequestEnvelope } from './compute-protocol.js';
import { ModelEngine } from './model-engine.js';

const port = parentPort;
if (!port) throw new Error('compute-thread.ts runs in a worker thread only');

speakAsAsked(process.env.BAGFLEET_WORKER ?? '');

/** Shared with the main thread: see ComputeClient.dropGradients. */
const drops = workerData as Int32Array;

let engine: ModelEngine | null = null;

function prepared(): ModelEngine {
  if (!engine) throw new BagfleetError('bug', 'the compute thread was asked before it was prepared');
  return engine;
}

type Handlers = {
  [K in ComputeKind]: (
    request: ComputeCalls[K]['request'],
  ) => ComputeCalls[K]['answer'] | Promise<ComputeCalls[K]['answer']>;
};

const handlers: Handlers = {
  load: () => loadBackend(),
  prepare: (setup) => {
    engine?.dispose();
    engine = new ModelEngine(setup);
    return {};
  },
  gradient: ({ bag, epoch, repeat, into }) => prepared().gradient(bag, { epoch, repeat }, into),
  quantise: ({ gradients, exponents, into }) => prepared().quantise(gradients, exponents, into),
  addFloats: ({ gradients, into }) => prepared().addFloats(gradients, into),
  update: (request) => prepared().update(request),
  digest: ({ progress }) => prepared().digest(progress),
  reload: () => prepared().reload(),
  probe: ({ bag, parameters, into }) => prepared().probe(bag, parameters, into),
  predict: ({ bag }) => prepared().predict(bag),
  tensors: () => ({ alive: tf.memory().numTensors }),
};

async function answer(envelope: RequestEnvelope): Promise<AnswerEnvelope> {
  try {
    if (envelope.kind === 'gradient' && envelope.drops !== Atomics.load(drops, 0))
      throw new BagfleetError('cancelled', 'the step of this gradient was dropped');
    const handle = handlers[envelope.kind] as (request: unknown) => unknown;
    return { id: envelope.id, ok: true, answer: await handle(envelope.request) };
  } catch (thrown) {
    const error = BagfleetError.from(thrown);
    const origin = error.cause instanceof Error ? error.cause : error;
    return { id: envelope.id, ok: false, error: error.toJSON(), stack: origin.stack };
  }
}

// One after the other: a request may be asynchronous (loading), the next must wait for it.
let queue: Promise<void> = Promise.resolve();
port.on('message', (envelope: RequestEnvelope) => {
  queue = queue.then(async () => port.postMessage(await answer(envelope)));
});
