/**
 * What people ask of a run while it runs, as objects in its folder: cancel, scale, chaos.
 * In: the folder, looked at every second. Out: each wish once. A store that fails is the recorder's to tell; here it
 * only means that nobody was heard.
 */
import { RUN_FILES, type ScaleRequest, scaleRequestSchema } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { codeOf } from '@bagfleet/worker/storage/store-errors';

const LOOK_MS = 1000;

export interface ControlEvents {
  readonly onCancel: () => void;
  readonly onScale: (workers: number) => void;
  /** To look for chaos orders. */
  readonly onLook: () => Promise<void>;
}

export class ControlWatch {
  readonly #store: ObjectStore;
  readonly #events: ControlEvents;
  readonly #mayAct: () => boolean;
  readonly #timer: NodeJS.Timeout;
  #workers: number;
  #isLooking = false;

  /** `workers`: how many are wanted by now. */
  constructor(store: ObjectStore, workers: number, mayAct: () => boolean, events: ControlEvents) {
    this.#store = store;
    this.#workers = workers;
    this.#mayAct = mayAct;
    this.#events = events;
    this.#timer = setInterval(() => void this.#inTurn(), LOOK_MS);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #inTurn(): Promise<void> {
    if (this.#isLooking || !this.#mayAct()) return;
    this.#isLooking = true;
    await this.#look().catch(() => undefined);
    this.#isLooking = false;
  }

  async #look(): Promise<void> {
    if (await this.#store.head(RUN_FILES.cancel)) this.#events.onCancel();
    const workers = (await readScale(this.#store))?.workers ?? this.#workers;
    if (workers !== this.#workers) {
      this.#workers = workers;
      this.#events.onScale(workers);
    }
    await this.#events.onLook();
  }
}

/** null when nobody has asked for another number of workers, or not in words of this version. */
export async function readScale(store: ObjectStore): Promise<ScaleRequest | null> {
  try {
    const { bytes } = await store.get(RUN_FILES.scale);
    return scaleRequestSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes))).data ?? null;
  } catch (thrown) {
    if (codeOf(thrown) === 'store-missing' || thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}
