/**
 * A worker's life between joining and leaving: load TensorFlow, join, prepare what the job asks for,
 * say that it is ready, wait for the start, train, say that it is finished, wait to be let go.
 */

import { parseJob } from '@bagfleet/proto';
import {
  FinishedSchema,
  JoinSchema,
  ReadySchema,
  type Start,
  type Welcome,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { create } from '@bufbuild/protobuf';
import { stateDigest } from '../checkpoint/state-digest.js';
import { connectGroup } from '../collective/grpc-collective.js';
import { PeerServer } from '../collective/peer-server.js';
import { ComputeClient } from '../engine/compute-client.js';
import { type Fingerprint, fingerprintDigest, fingerprintOf } from '../engine/fingerprint.js';
import { trainRun } from '../train/training-run.js';
import { type PreparedRun, prepareRun } from './prepare-run.js';
import type { SessionClient } from './session-client.js';
import { SessionReporter } from './session-reporter.js';
import { heard, orAborted } from './waiting.js';

export interface WorkerFacts {
  readonly workerId: string;
  readonly token: string;
  /** Ends everything: the worker was let go, lost its coordinator or got SIGTERM. */
  readonly signal: AbortSignal;
}

export async function runWorker(session: SessionClient, facts: WorkerFacts): Promise<void> {
  const { workerId, token, signal } = facts;
  const compute = new ComputeClient();
  const server = await PeerServer.listen({ host: '127.0.0.1', port: 0, token, workerId });
  let run: PreparedRun | null = null;
  try {
    const fingerprint = await loadBackend(compute, signal);
    const welcome = await join(session, facts, fingerprint);
    run = await orAborted(signal, prepare(session, welcome, compute, fingerprint));
    const start = await becomeReady(session, run, server, signal);
    await orAborted(signal, train(session, run, start, server, facts));
    const { step } = run.state.progress;
    const { alive } = await orAborted(signal, compute.call('tensors', {}));
    console.log(`finished step ${step}; ${alive} tensors alive`);
    const finished = create(FinishedSchema, { step: BigInt(step), stateDigest: stateDigest(run.state) });
    session.doing('finished', run.state.progress.epoch, 0);
    session.say({ case: 'finished', value: finished });
    await orAborted(signal, new Promise<never>(() => undefined));
  } finally {
    await run?.close();
    await compute.close();
    await server.close();
  }
}

async function loadBackend(compute: ComputeClient, signal: AbortSignal): Promise<Fingerprint> {
  const backend = await orAborted(signal, compute.call('load', {}));
  console.log(`computes with ${backend.name} ${backend.version}, ${backend.threads} thread(s)`);
  return fingerprintOf(backend);
}

async function join(session: SessionClient, facts: WorkerFacts, fingerprint: Fingerprint): Promise<Welcome> {
  const welcome = heard(session, 'welcome', facts.signal);
  const value = create(JoinSchema, {
    workerId: facts.workerId,
    fingerprintDigest: fingerprintDigest(fingerprint),
    fingerprintJson: JSON.stringify(fingerprint),
  });
  session.say({ case: 'join', value });
  return welcome;
}

async function prepare(
  session: SessionClient,
  welcome: Welcome,
  compute: ComputeClient,
  fingerprint: Fingerprint,
): Promise<PreparedRun> {
  const job = parseJob(JSON.parse(welcome.jobJson), 'the job of this run');
  session.beat(job.fleet.heartbeatInterval);
  session.doing('preparing', 0, 0);
  const run = await prepareRun({ job, runId: welcome.runId, runUri: welcome.runUri, compute, fingerprint });
  console.log(
    `${run.dataset.manifest.bags.length} bags, ${run.state.layout.places.length} parameter tensors`,
  );
  return run;
}

async function becomeReady(
  session: SessionClient,
  run: PreparedRun,
  server: PeerServer,
  signal: AbortSignal,
): Promise<Start> {
  const start = heard(session, 'start', signal);
  session.doing('waiting for the others', 0, 0);
  session.say({
    case: 'ready',
    value: create(ReadySchema, { peerAddress: server.address, probeDigest: run.probe }),
  });
  return start;
}

async function train(
  session: SessionClient,
  run: PreparedRun,
  start: Start,
  server: PeerServer,
  { workerId, token, signal }: WorkerFacts,
): Promise<void> {
  const { job } = run;
  const members = start.members.map(({ workerId: id, peerAddress: address }) => ({ id, address }));
  console.log(`trains as rank ${start.rank} of ${members.length}, generation ${start.generation}`);
  const collective = await connectGroup({
    server,
    generation: Number(start.generation),
    lease: start.coordinator,
    rank: start.rank,
    members,
    token,
    deadlineMs: job.fleet.stepTimeout * 1000,
    signal,
  });
  const reporter = new SessionReporter(session);
  const keeper = run.keeperFor(start.rank, reporter);
  try {
    await trainRun({
      ...run,
      collective,
      reporter,
      workerId,
      stream: run.streamOf(signal),
      keep: keeper.keep,
    });
    await keeper.settled();
  } finally {
    reporter.close();
    collective.close();
  }
}
