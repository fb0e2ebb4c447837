/**
 * A worker's life between joining and leaving: load TensorFlow, join, prepare what the job asks for, say that it
 * is ready; then generation after generation, until it is let go.
 */
import { parseJob } from '@bagfleet/proto';
import {
  type Join,
  JoinSchema,
  ReadySchema,
  type Standing,
  type Welcome,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { create } from '@bufbuild/protobuf';
import { PeerServer } from '../collective/peer-server.js';
import { ComputeClient } from '../engine/compute-client.js';
import { type Fingerprint, fingerprintDigest, fingerprintOf } from '../engine/fingerprint.js';
import type { Faults } from '../faults/faults.js';
import { orAborted } from '../or-aborted.js';
import { GenerationWork } from './generation-work.js';
import { type PreparedRun, prepareRun } from './prepare-run.js';
import { SessionClient } from './session-client.js';
import type { WorkerFacts } from './worker-facts.js';

/** Rejects with the signal's reason when it was let go; with any other error when it is in trouble itself. */
export async function runWorker(facts: WorkerFacts): Promise<void> {
  const { workerId, token, identity, peers, faults, signal } = facts;
  const compute = new ComputeClient();
  const server = await PeerServer.listen({ ...peers, token, identity, workerId, faults });
  let run: PreparedRun | null = null;
  try {
    const fingerprint = await loadBackend(compute, signal);
    const standing: { now: Standing | undefined } = { now: undefined };
    const session = openSession(facts, fingerprint, standing);
    const welcome = await welcomed(session, signal);
    run = await orAborted(signal, prepare(session, welcome, compute, fingerprint, faults));
    const work = new GenerationWork({ run, session, server, facts, standing });
    session.keepSaying('ready', {
      case: 'ready',
      value: create(ReadySchema, { peerAddress: server.address, probeDigest: run.probeReference }),
    });
    await work.untilLetGo();
  } finally {
    await run?.close();
    await compute.close();
    await server.close();
  }
}

async function loadBackend(compute: ComputeClient, signal: AbortSignal): Promise<Fingerprint> {
  const backend = await orAborted(signal, compute.call('load', {}));
  const device = backend.gpu ? ', on a GPU' : '';
  console.log(`computes with ${backend.name} ${backend.version}, ${backend.threads} thread(s)${device}`);
  return fingerprintOf(backend);
}

function openSession(
  { workerId, incarnation, token, identity, session, faults, onSession }: WorkerFacts,
  fingerprint: Fingerprint,
  standing: { readonly now: Standing | undefined },
): SessionClient {
  const join = (): Join =>
    create(JoinSchema, {
      workerId,
      incarnation,
      pid: process.pid,
      fingerprintDigest: fingerprintDigest(fingerprint),
      fingerprintJson: JSON.stringify(fingerprint),
      ...(standing.now ? { standing: standing.now } : {}),
    });
  const client = new SessionClient({ ...session, token, identity, join, faults });
  onSession(client);
  return client;
}

function welcomed(session: SessionClient, signal: AbortSignal): Promise<Welcome> {
  const welcome = new Promise<Welcome>((resolve) => session.once('welcome', resolve));
  session.open();
  return orAborted(signal, welcome);
}

async function prepare(
  session: SessionClient,
  welcome: Welcome,
  compute: ComputeClient,
  fingerprint: Fingerprint,
  faults: Faults,
): Promise<PreparedRun> {
  const job = parseJob(JSON.parse(welcome.jobJson), 'the job of this run');
  session.beat(job.fleet.heartbeatInterval, job.fleet.orphanTimeout);
  session.doing('preparing', 0, 0);
  const { runId, runUri } = welcome;
  const run = await prepareRun({ job, runId, runUri, compute, fingerprint, faults });
  const { bags } = run.dataset.manifest;
  console.log(`${bags.length} bags, ${run.state.layout.places.length} parameter tensors`);
  session.doing('waiting for the others', 0, 0);
  return run;
}
