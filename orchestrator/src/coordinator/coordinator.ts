/**
 * The coordinator at work: carries what happens to the core and does what the core decides.
 * In: a job, its run folder, a launcher. Out: the verdict; the run's folder tells the whole story.
 */
import { randomBytes } from 'node:crypto';
import { BagfleetError, type DatasetManifest, type JobSpec, RUN_FILES } from '@bagfleet/proto';
import {
  MemberSchema,
  type SessionRequest,
  StartSchema,
  StopSchema,
  WelcomeSchema,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { fromFailure } from '@bagfleet/proto/grpc/failure-message';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { create } from '@bufbuild/protobuf';
import type { Launcher } from '../launch/launcher.js';
import { initialCore, step } from './core/coordinator-core.js';
import type { CoreEffect, CoreEvent, CoreState, Verdict } from './core/core-types.js';
import { RunJournal } from './run-journal.js';
import { SessionServer } from './session-server.js';
import { WorkerDesk } from './worker-desk.js';

const HOST = '127.0.0.1';
const TICK_MS = 200;
const CANCEL_POLL_MS = 1000;
const GRACE_MS = 2000;
const STOP_MS = 4000;
/** This run has had no other coordinator. */
const FIRST_LEASE = 1;

export interface CoordinatorParts {
  readonly job: JobSpec;
  readonly manifest: DatasetManifest;
  readonly runId: string;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly launcher: Launcher;
}

export class Coordinator {
  readonly #parts: CoordinatorParts;
  readonly #token = randomBytes(24).toString('hex');
  readonly #desk: WorkerDesk;
  readonly #journal: RunJournal;
  #core: CoreState;
  #server: SessionServer | null = null;
  #conclude: (verdict: Verdict) => void = () => undefined;

  constructor(parts: CoordinatorParts) {
    const { job } = parts;
    this.#parts = parts;
    this.#core = initialCore({
      workers: job.fleet.workers,
      setupMs: job.fleet.setupTimeout * 1000,
      heartbeatMs: job.fleet.heartbeatTimeout * 1000,
      graceMs: GRACE_MS,
      stopMs: STOP_MS,
      determinism: job.fleet.determinism,
    });
    this.#journal = new RunJournal(parts);
    this.#desk = new WorkerDesk(parts.launcher, {
      onLine: (worker, line) => this.#journal.log(worker, line),
      onExit: (worker, exit) => this.#hear({ kind: 'exited', worker, ...exit }),
    });
  }

  /** Runs the job to its end; throws only what we must mend. */
  async run(): Promise<Verdict> {
    const concluded = new Promise<Verdict>((resolve) => {
      this.#conclude = resolve;
    });
    const timers = [
      setInterval(() => this.#hear({ kind: 'tick' }), TICK_MS),
      setInterval(() => void this.#lookForCancel(), CANCEL_POLL_MS),
    ];
    try {
      this.#server = await SessionServer.listen(HOST, this.#parts.job.fleet.port, this.#token, {
        onMessage: (worker, message) => this.#hearWorker(worker, message),
        onClosed: (worker) => this.#hear({ kind: 'closed', worker }),
      });
      await this.#journal.begin();
      this.#hear({ kind: 'begin' });
      return await this.#end(await concluded);
    } catch (thrown) {
      return await this.#end({ state: 'failed', error: BagfleetError.from(thrown) });
    } finally {
      for (const timer of timers) clearInterval(timer);
      this.#server?.close();
    }
  }

  /** SIGTERM or SIGINT came. */
  interrupt(signal: string): void {
    this.#hear({ kind: 'interrupt', signal });
  }

  #hear(event: CoreEvent): void {
    const { state, effects } = step(this.#core, event, performance.now());
    this.#core = state;
    for (const effect of effects) this.#perform(effect);
  }

  #hearWorker(worker: string, message: SessionRequest['message']): void {
    switch (message.case) {
      case 'join':
        return this.#hearJoin(worker, message.value.fingerprintDigest, message.value.fingerprintJson);
      case 'ready': {
        const { peerAddress, probeDigest } = message.value;
        return this.#hear({ kind: 'ready', worker, address: peerAddress, probe: probeDigest });
      }
      case 'heartbeat':
        return this.#hear({ kind: 'heard', worker, doing: message.value });
      case 'finished':
        return this.#hear({ kind: 'finished', worker, stateDigest: message.value.stateDigest });
      case 'failed':
        return this.#hear({ kind: 'failed', worker, error: fromFailure(message.value) });
      case 'happened':
        return this.#journal.note(message.value.event, message.value.message, worker);
      case 'rows':
        this.#journal.record(message.value.metrics, message.value.ledger);
        return this.#hear({ kind: 'heard', worker, doing: null });
    }
  }

  #hearJoin(worker: string, fingerprint: string, details: string): void {
    this.#journal.note('fingerprint', details, worker);
    this.#hear({ kind: 'joined', worker, fingerprint });
  }

  #perform(effect: CoreEffect): void {
    switch (effect.kind) {
      case 'launch':
        return this.#launch(effect.worker);
      case 'welcome':
        return this.#welcome(effect.worker);
      case 'refuse':
        return this.#server?.refuse(effect.worker, effect.error);
      case 'start':
        return this.#start(effect);
      case 'stop': {
        const value = create(StopSchema, { reason: effect.reason });
        return this.#server?.say(effect.worker, { case: 'stop', value });
      }
      case 'kill':
        return this.#desk.kill(effect.worker);
      case 'note':
        return this.#journal.note(effect.event, effect.message, effect.worker);
      case 'conclude':
        return this.#conclude(effect.verdict);
    }
  }

  #launch(workerId: string): void {
    const coordinator = this.#server?.address ?? '';
    const threads = this.#parts.job.fleet.threadsPerWorker;
    this.#desk.launch({ workerId, coordinator, token: this.#token, threads });
  }

  #welcome(worker: string): void {
    const { runId, store, job } = this.#parts;
    const value = create(WelcomeSchema, { runId, runUri: store.uri, jobJson: JSON.stringify(job) });
    this.#server?.say(worker, { case: 'welcome', value });
  }

  #start({ worker, rank, generation, members }: Extract<CoreEffect, { kind: 'start' }>): void {
    const value = create(StartSchema, {
      coordinator: FIRST_LEASE,
      generation: BigInt(generation),
      rank,
      members: members.map(({ id, address }) => create(MemberSchema, { workerId: id, peerAddress: address })),
    });
    this.#server?.say(worker, { case: 'start', value });
    this.#journal.training();
  }

  async #lookForCancel(): Promise<void> {
    // A store that fails is the recorder's to tell; here it only means that no one was heard.
    const request = await this.#parts.store.head(RUN_FILES.cancel).catch(() => null);
    if (request) this.#hear({ kind: 'cancel', reason: 'cancelled on request' });
  }

  async #end(verdict: Verdict): Promise<Verdict> {
    if (this.#server) this.#journal.note('sessions', `sessions carried ${this.#server.bytesCarried} bytes`);
    await this.#journal.end(verdict);
    return verdict;
  }
}
