/**
 * Tells how a run stands by the labels and annotations of its coordinator's Job, and what happened by events on it.
 * In: the run's status and the lines of events.jsonl as they come. Out: at most one patch in 10 s with what has changed,
 * one event of each reason in 5 s. What the API server does not take is tried again; nobody waits for it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { BagfleetError, type EventRow, type RunStatus } from '@bagfleet/proto';
import type { V1OwnerReference } from '@kubernetes/client-node';
import { afterRow, endOf, NO_STORY } from '../../../coordinator/run-story.js';
import type { ClusterObjects } from '../../../kubernetes/cluster-objects.js';
import type { RunAnnouncer } from '../../announcer.js';
import { EventGate } from './event-gate.js';
import { eventObject } from './event-object.js';
import { changesOf, type JobMetadata, metadataOf } from './job-metadata.js';

/** Its message is a fingerprint in JSON, for machines. */
const WORDLESS = 'fingerprint';
const TURN_MS = 1000;
const PATCH_MS = 10_000;
/** For one request; a server that hangs must not hold up the rest. */
const REQUEST_MS = 5000;
const AWAY = 'cluster-unavailable';
const TOO_LATE = new BagfleetError(AWAY, 'does not answer in time', {
  culprit: 'the API server',
});
/** For all that is left at the end. */
const FINISH_MS = 8000;
const AGAIN_MS = 500;

export interface Clock {
  /** Milliseconds that only ever grow. */
  readonly now: () => number;
  /** Calls `turn` again and again until the returned function is called. */
  readonly every: (ms: number, turn: () => Promise<void>) => () => void;
}

const MONOTONIC: Clock = {
  now: () => performance.now(),
  every: (ms, turn) => {
    const timer = setInterval(() => void turn(), ms);
    return () => clearInterval(timer);
  },
};

export interface JobAnnouncerParts {
  readonly objects: ClusterObjects;
  /** The coordinator's Job. */
  readonly job: V1OwnerReference;
  readonly pod: string;
  /** What happened, and why it can't be announced, for the coordinator's own log. */
  readonly say: (line: string) => void;
}

export class JobAnnouncer implements RunAnnouncer {
  readonly #parts: JobAnnouncerParts;
  readonly #clock: Clock;
  readonly #events = new EventGate();
  readonly #stop: () => void;
  #story = NO_STORY;
  #status: RunStatus | null = null;
  #told: JobMetadata | null = null;
  #patchedAt = Number.NEGATIVE_INFINITY;
  #turn: Promise<void> | null = null;
  #isClosed = false;
  #made = 0;
  /** What the API server has against it by now: each is told once. */
  readonly #troubles = new Set<string>();

  constructor(parts: JobAnnouncerParts, clock: Clock = MONOTONIC) {
    this.#parts = parts;
    this.#clock = clock;
    this.#stop = clock.every(TURN_MS, () => this.#inTurn());
  }

  status(status: RunStatus): void {
    const end = this.#status?.state === status.state ? null : endOf(status);
    this.#status = status;
    if (end) this.#events.add(end);
  }

  happened(row: EventRow): void {
    const { story, happening } = afterRow(this.#story, row);
    this.#story = story;
    if (happening) this.#events.add(happening);
    if (row.event !== WORDLESS) this.#parts.say(row.message);
  }

  async finish(): Promise<void> {
    this.#stop();
    const late = new AbortController();
    const deadline = sleep(FINISH_MS, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([this.#tellRest(late.signal), deadline]);
    late.abort();
    this.close();
  }

  close(): void {
    this.#isClosed = true;
    this.#stop();
  }

  /** One turn at a time. */
  #inTurn(): Promise<void> {
    this.#turn ??= this.#tell().finally(() => {
      this.#turn = null;
    });
    return this.#turn;
  }

  async #tell(): Promise<void> {
    const now = this.#clock.now();
    await this.#sendAll(this.#events.due(now));
    if (now - this.#patchedAt < PATCH_MS || !this.#hasChanged()) return;
    this.#patchedAt = now;
    await this.#patch();
  }

  async #tellRest(late: AbortSignal): Promise<void> {
    await this.#turn;
    while (!late.aborted && !this.#isClosed) {
      const isTold = (await this.#sendAll(this.#events.rest())) && (await this.#patch());
      if (isTold) return;
      await sleep(AGAIN_MS, undefined, { signal: late }).catch(() => undefined);
    }
  }

  #hasChanged(): boolean {
    return this.#status !== null && changesOf(this.#told, metadataOf(this.#status)) !== null;
  }

  /** True when nothing is to be tried again. */
  async #patch(): Promise<boolean> {
    if (!this.#status || this.#isClosed) return true;
    const now = metadataOf(this.#status);
    const changes = changesOf(this.#told, now);
    if (!changes) return true;
    const { objects, job } = this.#parts;
    const { apiVersion, kind, name, uid } = job;
    // With its uid: a run that is resumed has another Job of this name.
    const metadata = { uid, ...changes };
    const outcome = await this.#attempt('patch', objects.patch({ apiVersion, kind, name }, { metadata }));
    if (outcome === 'done') this.#told = now;
    return outcome !== 'again';
  }

  async #sendAll(events: ReturnType<EventGate['due']>): Promise<boolean> {
    let isTold = true;
    for (const event of events) {
      if (isTold && !this.#isClosed) {
        const place = { ...this.#parts, namespace: this.#parts.objects.namespace };
        const suffix = `${Date.now().toString(16)}${(this.#made++).toString(16)}`;
        const outcome = await this.#attempt(
          'create',
          this.#parts.objects.create(eventObject(event, place, suffix)),
        );
        isTold = outcome !== 'again';
      }
      if (!isTold) this.#events.putBack(event);
    }
    return isTold;
  }

  /** `never`: the API server has answered, and will not take it another time either. */
  async #attempt(verb: string, request: Promise<unknown>): Promise<'done' | 'again' | 'never'> {
    const error = await problemOf(request);
    if (!error) {
      this.#troubles.delete(AWAY);
      return 'done';
    }
    const trouble = error.code === AWAY ? AWAY : `${verb} ${error.code}`;
    if (!this.#troubles.has(trouble))
      this.#parts.say(`the run's Job is not told how it stands: ${error.describe()}`);
    this.#troubles.add(trouble);
    return error.code === AWAY ? 'again' : 'never';
  }
}

async function problemOf(request: Promise<unknown>): Promise<BagfleetError | null> {
  const over = new AbortController();
  const late = sleep(REQUEST_MS, TOO_LATE, { signal: over.signal }).catch(() => null);
  const outcome = request.then(
    () => null,
    (thrown: unknown) => BagfleetError.from(thrown),
  );
  const first = await Promise.race([outcome, late]);
  over.abort();
  return first;
}
