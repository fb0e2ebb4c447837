/**
 * Generation after generation: connect to the other members, agree with them on the state, train; when the
 * generation breaks, say so and wait for the next one; when the run is complete, say so and wait to be let go.
 * In: a prepared run and the coordinator's starts. Out: never returns; rejects when the worker is to end.
 */
import { BagfleetError, type CostModel, INITIAL_COSTS } from '@bagfleet/proto';
import type { Standing } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import type { Collective } from '../collective/collective.js';
import type { Member } from '../collective/generation.js';
import { connectGroup } from '../collective/grpc-collective.js';
import type { PeerServer } from '../collective/peer-server.js';
import { pullState } from '../collective/peer-state-pull.js';
import { orAborted } from '../or-aborted.js';
import { enterGeneration } from '../train/enter-generation.js';
import { trainGeneration } from '../train/train-generation.js';
import { CheckpointKeeper } from './checkpoint-keeper.js';
import { type EnteredStart, GenerationGate, generationOf, membersOf, nameOf } from './generation-gate.js';
import { brokenWord, enteredWord, finishedWord, keptWord, standingWord } from './generation-words.js';
import type { PreparedRun } from './prepare-run.js';
import type { SessionClient } from './session-client.js';
import { SessionReporter } from './session-reporter.js';
import { endsGenerationOnly, suspectsOf } from './suspects.js';
import type { WorkerFacts } from './worker-facts.js';

/** What is said of a generation, and forgotten when the next one begins. */
const OF_A_GENERATION = ['entered', 'broken', 'finished'];

export interface WorkParts {
  readonly run: PreparedRun;
  readonly session: SessionClient;
  readonly server: PeerServer;
  readonly facts: WorkerFacts;
  /** What the first word of a later session says. */
  readonly standing: { now: Standing | undefined };
}

export class GenerationWork {
  readonly #parts: WorkParts;
  readonly #gate = new GenerationGate();
  readonly #reporter: SessionReporter;
  readonly #keeper: CheckpointKeeper;
  #costs: CostModel = INITIAL_COSTS;
  #keepAsked = false;
  #atRest = true;
  /** When training last stood still, in milliseconds of performance.now. */
  #restsSince = performance.now();

  constructor(parts: WorkParts) {
    const { run, session, facts } = parts;
    this.#parts = parts;
    this.#reporter = new SessionReporter(session);
    const checkpoint = { ...run, fingerprint: { ...run.fingerprint }, faults: facts.faults };
    this.#keeper = new CheckpointKeeper(checkpoint, run.state, this.#reporter, (upto) =>
      this.#reporter.stored(upto),
    );
    session.on('start', (start) => this.#gate.hear(start));
    session.on('keep', () => this.#askedToKeep());
  }

  async untilLetGo(): Promise<never> {
    const { signal } = this.#parts.facts;
    try {
      for (;;) {
        this.#atRest = true;
        if (this.#keepAsked) await this.#keepNow();
        const entered = await this.#gate.enter(signal);
        this.#atRest = false;
        await this.#work(entered);
      }
    } finally {
      this.#reporter.close();
    }
  }

  async #work(entered: EnteredStart): Promise<void> {
    const { session, facts } = this.#parts;
    const members = membersOf(entered);
    session.forget(...OF_A_GENERATION);
    this.#parts.standing.now = standingWord(generationOf(entered), members, false);
    try {
      await this.#trainIn(entered, members);
      await this.#finished(entered);
    } catch (thrown) {
      const error = BagfleetError.from(thrown);
      facts.signal.throwIfAborted();
      if (!endsGenerationOnly(error)) throw thrown;
      this.#broke(entered, members, error);
    }
  }

  async #trainIn(entered: EnteredStart, members: readonly Member[]): Promise<void> {
    const { run, facts } = this.#parts;
    const { start, signal } = entered;
    console.log(`trains as rank ${start.rank} of ${members.length}, generation ${nameOf(entered)}`);
    const digest = this.#digest();
    const collective = await this.#connect(entered, members);
    try {
      const ids = members.map(({ id }) => id);
      this.#costs = await this.#enter(entered, members, collective, digest);
      this.#reporter.lead(start.rank === 0);
      if (start.rank === 0) this.#keeper.goOn();
      this.#gate.train();
      await trainGeneration({
        ...run,
        collective,
        members: ids,
        generation: generationOf(entered),
        reporter: this.#reporter,
        costs: this.#costs,
        signal,
        faults: facts.faults,
        stream: run.streamOf(signal),
        boundary: () => this.#boundary(),
        copy: (validation, isBest) => this.#keeper.copy({ validation, isBest }),
        commit: () => (start.rank === 0 ? orAborted(signal, this.#keeper.commit()) : Promise.resolve()),
      });
      await orAborted(signal, this.#keeper.settled());
    } finally {
      this.#restsSince = performance.now();
      collective.close();
    }
  }

  #connect({ start, signal }: EnteredStart, members: readonly Member[]): Promise<Collective> {
    const { run, server, facts } = this.#parts;
    this.#reporter.doing('connecting', run.state.progress.epoch, 0);
    return connectGroup({
      server,
      generation: start.generation?.number ?? 0,
      lease: start.generation?.lease ?? 0,
      rank: start.rank,
      members,
      token: facts.token,
      deadlineMs: run.job.fleet.stepTimeout * 1000,
      signal,
      faults: facts.faults,
    });
  }

  /** Takes its time beside the connecting; nothing changes the state meanwhile. */
  #digest(): Promise<string> {
    const { compute, state } = this.#parts.run;
    const digest = compute.call('digest', { progress: state.progress }).then((answer) => answer.digest);
    digest.catch(() => undefined); // told when it is awaited; the generation may be over before
    return digest;
  }

  /** Agreement on the state, and the word that this worker trains. */
  async #enter(
    entered: EnteredStart,
    members: readonly Member[],
    collective: Collective,
    digest: Promise<string>,
  ): Promise<CostModel> {
    const { run, server, session, facts } = this.#parts;
    const generation = {
      coordinator: entered.start.generation?.lease ?? 0,
      number: entered.start.generation?.number ?? 0,
    };
    const { rank } = entered.start;
    const deadlineMs = run.job.fleet.stepTimeout * 1000;
    this.#reporter.doing('agreeing on the state', run.state.progress.epoch, 0);
    const { costs, pulledBytes, pullMs } = await enterGeneration({
      collective,
      members: members.map(({ id }) => id),
      state: run.state,
      compute: run.compute,
      digest,
      costs: this.#costs,
      baggage: () => ({ copy: this.#keeper.pending(), rows: this.#reporter.held.all }),
      unpack: ({ copy, rows }) => {
        this.#reporter.held.take(rows);
        if (copy) this.#keeper.copy(copy);
      },
      offer: (offer) => server.offer(offer && { ...offer, generation, rank }),
      pull: (from, destinationOf) =>
        pullState({
          generation,
          members,
          own: rank,
          from,
          token: facts.token,
          identity: facts.identity,
          deadlineMs,
          signal: entered.signal,
          faults: facts.faults,
          destinationOf,
        }),
    });
    const restedMs = performance.now() - this.#restsSince;
    const word = enteredWord(generationOf(entered), run.state, { pulledBytes, pullMs, restedMs });
    session.keepSaying('entered', word);
    return costs;
  }

  /** Between two steps. */
  async #boundary(): Promise<void> {
    this.#gate.check();
    if (this.#keepAsked) await this.#keepNow();
  }

  #askedToKeep(): void {
    this.#keepAsked = true;
    if (this.#atRest) void this.#keepNow().catch((error: unknown) => console.error(String(error)));
  }

  /** Not within a validation: a checkpoint of its step will be written with its values. */
  async #keepNow(): Promise<void> {
    this.#keepAsked = false;
    const step = await orAborted(this.#parts.facts.signal, this.#keeper.extra());
    this.#parts.session.keepSaying('kept', keptWord(step));
  }

  async #finished(entered: EnteredStart): Promise<void> {
    const { run, session } = this.#parts;
    const { alive } = await run.compute.call('tensors', {});
    console.log(`finished step ${run.state.progress.step}; ${alive} tensors alive`);
    this.#reporter.flush(true);
    this.#reporter.doing('finished', run.state.progress.epoch, 0);
    session.keepSaying('finished', finishedWord(generationOf(entered), run.state));
  }

  #broke(entered: EnteredStart, members: readonly Member[], error: BagfleetError): void {
    const { session, run, standing, facts } = this.#parts;
    console.log(`generation ${nameOf(entered)} is over: ${error.describe()}`);
    this.#reporter.doing('waiting for the next generation', run.state.progress.epoch, 0);
    standing.now = standingWord(generationOf(entered), members, true);
    session.keepSaying(
      'broken',
      brokenWord(generationOf(entered), error, suspectsOf(error, members, facts.workerId)),
    );
  }
}
