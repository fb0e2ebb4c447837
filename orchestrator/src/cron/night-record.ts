/**
 * The record of one night while it is worked on. Whoever works on it holds its latest version: every write replaces
 * that version only, so an attempt that was overtaken by another one stops at its next write.
 * In: the store of runs, cron and time. Out: the night as it stands; `run-held` when another process has it.
 */
import { BagfleetError, type Cron, type Night, SCHEMA_VERSION } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { isHeld } from '../submit/run-holder.js';
import { putNight, readNight, type Version, wasOvertaken } from './cron-store.js';
import { nightKey } from './night-key.js';

export interface NightRequest {
  readonly runs: ObjectStore;
  readonly cron: Cron;
  readonly at: Date;
  readonly startedBy: Night['startedBy'];
  readonly now: () => Date;
  /** It is not clear yet whether somebody works on a run: that takes so many seconds. */
  readonly onWait: (run: string, seconds: number) => void;
}

export class NightRecord {
  readonly #runs: ObjectStore;
  #night: Night;
  #etag: string;

  private constructor(runs: ObjectStore, night: Night, etag: string) {
    this.#runs = runs;
    this.#night = night;
    this.#etag = etag;
  }

  /**
   * The first attempt creates the record, a later one takes it over unless the night has come to its end: then
   * `isOver`, and nothing is to be done. A night that failed may be tried again.
   */
  static async take(request: NightRequest): Promise<NightRecord> {
    const { runs, cron, at, now } = request;
    const found = await readNight(runs, cron.name, nightKey(at));
    if (found && isFinal(found.value)) return new NightRecord(runs, found.value, found.etag);
    if (found) await refuseIfHeld(request, found);
    const night = found ? again(found.value, cron, now()) : begun(request, now());
    const etag = await putNight(runs, night, found?.etag ?? null).catch((thrown: unknown) => {
      throw wasOvertaken(thrown) ? overtaken(night) : thrown;
    });
    return new NightRecord(runs, night, etag);
  }

  get night(): Night {
    return this.#night;
  }

  get isOver(): boolean {
    return isFinal(this.#night);
  }

  async update(changes: Partial<Night>): Promise<Night> {
    const night = { ...this.#night, ...changes };
    this.#etag = await putNight(this.#runs, night, this.#etag).catch(async (thrown: unknown) => {
      if (!wasOvertaken(thrown)) throw thrown;
      // An answer that got lost looks like a conflict, too.
      const found = await readNight(this.#runs, night.cron, night.key);
      if (found && JSON.stringify(found.value) === JSON.stringify(night)) return found.etag;
      throw overtaken(night);
    });
    this.#night = night;
    return night;
  }
}

function isFinal({ outcome }: Night): boolean {
  return outcome !== null && outcome !== 'failed';
}

function begun({ cron, at, startedBy }: NightRequest, now: Date): Night {
  return {
    schemaVersion: SCHEMA_VERSION,
    cron: cron.name,
    key: nightKey(at),
    scheduledAt: at.toISOString(),
    startedBy,
    startedAt: now.toISOString(),
    attemptedAt: now.toISOString(),
    attempts: 1,
    holdOut: cron.holdOut.sha256,
    plan: null,
    candidate: null,
    production: null,
    outcome: null,
    why: [],
    error: null,
    endedAt: null,
  };
}

/** Before it has a plan, a night is judged by the hold-out of now. */
function again(night: Night, cron: Cron, now: Date): Night {
  const holdOut = night.plan ? night.holdOut : cron.holdOut.sha256;
  const open = { outcome: null, why: [], error: null, endedAt: null };
  return { ...night, ...open, holdOut, attemptedAt: now.toISOString(), attempts: night.attempts + 1 };
}

async function refuseIfHeld({ runs, cron, onWait }: NightRequest, { value }: Version<Night>): Promise<void> {
  const run = value.plan?.run;
  if (run === undefined) return;
  const termMs = cron.job.fleet.leaseTimeout * 1000;
  if (await isHeld(runs, run, termMs, (seconds) => onWait(run, seconds))) throw overtaken(value);
}

function overtaken({ cron, key }: Night): BagfleetError {
  return new BagfleetError('run-held', 'another process works on it', {
    culprit: `cron ${cron}, night ${key}`,
    hint: `See \`bagfleet cron history ${cron}\`.`,
  });
}
