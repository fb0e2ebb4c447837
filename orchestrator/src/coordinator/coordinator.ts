/**
 * The coordinator at work, as a table of contents: listen, take the lease, go on where the run's folder ends, let the
 * core decide until there is a verdict, write it down, let the lease go.
 * In: a job, its run folder, a launcher. Out: the verdict; `lease-lost` when another coordinator has taken over:
 * then nothing more is touched, neither the folder nor the workers.
 */
import { BagfleetError, type RunStatus } from '@bagfleet/proto';
import { StoredSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { removeUnfinished } from '@bagfleet/worker/checkpoint/remove-unfinished';
import { create } from '@bufbuild/protobuf';
import { type ControlWatch, readScale } from './control-watch.js';
import type { CoordinatorParts } from './coordinator-parts.js';
import type { CoreEvent, Verdict } from './core/core-types.js';
import { CoreLoop } from './core-loop.js';
import { readStatus, verdictOf } from './earlier-status.js';
import type { EffectHands } from './effect-hands.js';
import { hearWorkers } from './hear-workers.js';
import { RunLease } from './lease/run-lease.js';
import { hardStopMs, limitsOf } from './limits.js';
import { listenForWorkers } from './listen-for-workers.js';
import { RunJournal } from './run-journal.js';
import type { SessionServer } from './session-server.js';
import { takeUpWork } from './take-up-work.js';
import { Vitals } from './vitals/vitals.js';
import { WorkerDesk } from './worker-desk.js';

const TICK_MS = 100;
/** In the lease of a coordinator that can't listen and will only say so. */
const NOWHERE = '127.0.0.1:0';

export class Coordinator<State> {
  readonly #parts: CoordinatorParts<State>;
  readonly #journal: RunJournal;
  readonly #desk: WorkerDesk;
  readonly #loop: CoreLoop<State>;
  readonly #vitals: Vitals;
  readonly #timers: NodeJS.Timeout[] = [];
  #server: SessionServer | null = null;
  #lease: RunLease | null = null;
  #hands: EffectHands | null = null;
  #control: ControlWatch | null = null;
  #conclude: (verdict: Verdict) => void = () => undefined;
  #leave: () => void = () => undefined;
  #deafness: BagfleetError | null = null;
  #isInterrupted = false;

  constructor(parts: CoordinatorParts<State>) {
    this.#parts = parts;
    const isHeld = () => this.#lease?.isHeld() ?? false;
    this.#journal = new RunJournal({
      ...parts,
      tenure: {
        isHeld,
        renew: async () => this.#lease?.renew(),
        confirm: async () => (await this.#lease?.confirm()) ?? false,
      },
      onStored: (upto) => this.#server?.sayToAll({ case: 'stored', value: create(StoredSchema, { upto }) }),
      onStatus: (status) => parts.announcer.status(status),
      onHappened: (row) => {
        this.#vitals.happened(row);
        parts.announcer.happened(row);
      },
    });
    this.#vitals = new Vitals(parts.job.fleet.workers, () => ({
      status: this.#journal.now,
      sessionBytes: this.#server?.bytesCarried ?? 0,
      failedWrites: this.#journal.failedWrites,
      isLeaseHeld: isHeld(),
      apiCalls: parts.apiCalls?.() ?? null,
    }));
    this.#loop = new CoreLoop(
      parts.core,
      limitsOf(parts.job),
      isHeld,
      (effect, cause) => this.#hands?.perform(effect, cause),
      (decisionMs, turnMs) => this.#vitals.decided(decisionMs, turnMs),
    );
    this.#desk = new WorkerDesk(parts.launcher, {
      recordedOf: (worker) => this.#journal.recordedOf(worker),
      onLine: (worker, line) => this.#journal.log(worker, line),
      onPlacing: (worker, incarnation, why) =>
        this.#loop.hear(
          why === null
            ? { kind: 'placed', worker, incarnation }
            : { kind: 'placing', worker, incarnation, why },
        ),
      onExit: (worker, end) => this.#loop.hear({ kind: 'exited', worker, ...end }),
    });
  }

  /**
   * Runs the job to its end, or (null) until it is handed over; throws `lease-lost`, and what a coordinator started
   * anew may get over.
   */
  async run(): Promise<Verdict | null> {
    try {
      await this.#vitals.show(this.#parts.vitalsAt);
      await this.#listen();
      const lease = await this.#takeLease();
      const stepBack = new Promise<never>((_, reject) => {
        lease.lost.addEventListener('abort', () => reject(lease.lost.reason as BagfleetError));
      });
      const handedOver = new Promise<null>((resolve) => {
        this.#leave = () => resolve(null);
      });
      return await Promise.race([this.#carryOut(lease), stepBack, handedOver]);
    } finally {
      for (const timer of this.#timers) clearInterval(timer);
      this.#control?.close();
      this.#server?.close();
      this.#vitals.close();
      this.#parts.announcer.close();
      this.#lease?.stepBack();
      this.#parts.launcher.close();
      await this.#journal.close();
    }
  }

  /** Another coordinator is to go on with the run: what is heard is written down, the workers are left to it. */
  async handOver(): Promise<void> {
    this.#journal.note('handed-over', 'the coordinator was told to go; another one takes over');
    await this.#journal.flush();
    await this.#parts.announcer.finish();
    this.#leave();
  }

  /** SIGTERM or SIGINT came: the core keeps a checkpoint if there is time, then gives its verdict. */
  interrupt(signal: string): void {
    if (this.#isInterrupted) return;
    this.#isInterrupted = true;
    this.#loop.hear({ kind: 'interrupt', signal });
    this.#timers.push(setTimeout(() => this.#stopHard(signal), hardStopMs(this.#parts.job)));
  }

  /** A port that is taken is the run's failure, told in its folder: so only when the lease is held. */
  async #listen(): Promise<void> {
    const { store, token, identity, launcher, listenAt } = this.#parts;
    const hear = (event: CoreEvent) => this.#loop.hear(event);
    const events = hearWorkers(this.#journal, launcher, this.#desk, hear);
    try {
      this.#server = await listenForWorkers(listenAt, store, token, events, identity);
    } catch (thrown) {
      this.#deafness = BagfleetError.from(thrown);
    }
  }

  async #takeLease(): Promise<RunLease> {
    const { job, store, holder, deadHolder } = this.#parts;
    const address = this.#server?.address ?? NOWHERE;
    const termMs = job.fleet.leaseTimeout * 1000;
    this.#lease = await RunLease.acquire({
      store,
      termMs,
      holder,
      address,
      deadHolder,
      onWait: console.error,
    });
    this.#lease.keep();
    return this.#lease;
  }

  async #carryOut(lease: RunLease): Promise<Verdict> {
    const earlier = await readStatus(this.#parts.store);
    const given = verdictOf(earlier);
    // The coordinator that gave it may have died before it could tell, and before it could clear up.
    if (earlier && given) this.#parts.announcer.status(earlier);
    const verdict = given ?? (await this.#concluded(lease, earlier));
    await this.#parts.launcher.clear();
    await this.#parts.announcer.finish();
    await lease.release();
    return verdict;
  }

  async #concluded(lease: RunLease, earlier: RunStatus | null): Promise<Verdict> {
    const concluded = new Promise<Verdict>((resolve) => {
      this.#conclude = resolve;
    });
    const failed = await this.#begin(lease, earlier).catch(
      (thrown: unknown): Verdict => ({ state: 'failed', error: BagfleetError.from(thrown) }),
    );
    const verdict = failed ?? (await concluded);
    this.#journal.note('sessions', `sessions carried ${this.#server?.bytesCarried ?? 0} bytes`);
    await this.#journal.end(verdict);
    return verdict;
  }

  /** From here on the core decides. */
  async #begin(lease: RunLease, earlier: RunStatus | null): Promise<null> {
    const { job, store } = this.#parts;
    await this.#journal.begin(earlier);
    if (this.#deafness) throw this.#deafness;
    if (earlier && lease.wasLetGo)
      this.#journal.note('resumed', `coordinator ${lease.token} goes on with the run`);
    if (lease.wasLetGo) await removeUnfinished(store);
    const workers = (await readScale(store))?.workers ?? job.fleet.workers;
    this.#vitals.scaled(workers);
    const { hands, control } = takeUpWork({
      ...this.#parts,
      workers,
      lease,
      server: this.#server as SessionServer,
      desk: this.#desk,
      journal: this.#journal,
      hear: (event) => {
        if (event.kind === 'scale') this.#vitals.scaled(event.workers);
        this.#loop.hear(event);
      },
      onConclude: (verdict) => this.#conclude(verdict),
    });
    this.#hands = hands;
    this.#control = control;
    const tick = () => {
      this.#vitals.ticked(performance.now());
      this.#loop.tick();
    };
    this.#timers.push(setInterval(tick, TICK_MS));
    this.#loop.begin({ kind: 'begin', lease: lease.token, workers, takeover: !lease.wasLetGo });
    return null;
  }

  #stopHard(signal: string): void {
    this.#desk.killAll();
    const error = new BagfleetError(
      'interrupted',
      `did not end in time after ${signal}: its workers were killed`,
    );
    this.#conclude({ state: 'interrupted', error });
  }
}
