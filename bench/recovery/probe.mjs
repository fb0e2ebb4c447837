// Loaded into every process of a measured run (node --import): workers and the coordinator append what they reach,
// and when, to FOLDER/<who>-<pid>.jsonl, on the monotonic clock that all processes of a machine share. Nothing of the
// product is changed: methods that say where a process stands are called through.
// In: BAGFLEET_BENCH_MARKS, the folder. Out: marks (marks.ts says what a line holds).

import { openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const PHASES = {
  'waiting for the next generation': 'left',
  connecting: 'connecting',
  'agreeing on the state': 'agreeing',
  step: 'step',
  validation: 'validation',
};

const folder = process.env.BAGFLEET_BENCH_MARKS;
const entry = process.argv[1] ?? '';
if (folder && isMainThread && entry.endsWith('worker-main.js')) await watchWorker();
if (folder && isMainThread && entry.endsWith('coordinator-main.js')) await watchCoordinator();

async function watchWorker() {
  const mark = markerOf(process.env.BAGFLEET_WORKER);
  const { GenerationGate } = await import('@bagfleet/worker/session/generation-gate');
  const { SessionReporter } = await import('@bagfleet/worker/session/session-reporter');
  const { SessionClient } = await import('@bagfleet/worker/session/session-client');
  const { PeerServer } = await import('@bagfleet/worker/collective/peer-server');
  before(GenerationGate, 'hear', ({ generation }) => mark('told', { generation: numbered(generation) }));
  before(SessionReporter, 'doing', (phase) => {
    if (phase in PHASES) mark(PHASES[phase]);
  });
  // The worker offers its state as soon as it knows its digest.
  before(PeerServer, 'offer', (offer) => {
    if (offer) mark('digested');
  });
  before(SessionClient, 'keepSaying', (kind) => {
    if (kind === 'entered') mark('entered');
  });
  before(SessionReporter, 'step', (_metric, { epoch, step, generation, workers }) =>
    mark('applied', { epoch, step, generation: numbered(generation), workers }),
  );
}

async function watchCoordinator() {
  const mark = markerOf('coordinator');
  const { CoreLoop } = await import('@bagfleet/orchestrator/coordinator/core-loop');
  before(CoreLoop, 'hear', ({ kind, worker }) => {
    if (kind === 'closed' || kind === 'exited' || kind === 'broken') mark(kind, { worker });
  });
}

/** Calls `tell` with a method's arguments before each call of it. */
function before(type, method, tell) {
  const original = type.prototype[method];
  if (typeof original !== 'function')
    throw new Error(`the probe of bench/recovery finds no ${type.name}.${method}`);
  type.prototype[method] = function (...args) {
    tell(...args);
    return original.apply(this, args);
  };
}

function markerOf(who) {
  const file = openSync(join(folder, `${who}-${process.pid}.jsonl`), 'a');
  return (event, facts = {}) => {
    const at = Number(process.hrtime.bigint()) / 1e9;
    writeSync(file, `${JSON.stringify({ who, pid: process.pid, at, event, ...facts })}\n`);
  };
}

/** lease.number, as one number that grows. */
function numbered(generation) {
  return (generation?.lease ?? 0) * 1e6 + (generation?.number ?? 0);
}
