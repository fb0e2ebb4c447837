/**
 * Keeps a run's coordinator alive: starts it, starts it again when it dies without a verdict, and sets a successor
 * beside one that has fallen silent. It decides nothing about the run and reads nothing of it: which coordinator may
 * act is the lease's to say.
 * In: the lease's term. Out: the exit code of the coordinator that concluded the run.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterDeath, needsSuccessor, STEPPED_BACK } from './keeper-rules.js';
import { type CoordinatorEnd, KeptCoordinator } from './kept-coordinator.js';

const LOOK_MS = 250;
/** The exit code when coordinators died again and again. */
const GAVE_UP = 70;

export class Keeper {
  readonly #termMs: number;
  /** On several hosts all have been given the same. */
  readonly #token = process.env.BAGFLEET_TOKEN ?? randomBytes(24).toString('hex');
  readonly #living = new Set<KeptCoordinator>();
  #newest: KeptCoordinator | null = null;
  #deaths = 0;
  #isStopping = false;
  #end: (code: number) => void = () => undefined;

  constructor(termMs: number) {
    this.#termMs = termMs;
  }

  /** Resolves when the run is concluded, or given up; no coordinator is left then. */
  async run(): Promise<number> {
    const over = new Promise<number>((resolve) => {
      this.#end = resolve;
    });
    const timer = setInterval(() => this.#look(), LOOK_MS);
    this.#start(null);
    try {
      return await over;
    } finally {
      clearInterval(timer);
      await this.#endOthers();
    }
  }

  /** SIGTERM or SIGINT came: the coordinators answer it, and no other is started. */
  pass(signal: NodeJS.Signals): void {
    this.#isStopping = true;
    for (const coordinator of this.#living) coordinator.signal(signal);
    if (this.#living.size === 0) this.#end(GAVE_UP);
  }

  #start(deadHolder: string | null): void {
    const coordinator = new KeptCoordinator({ token: this.#token, holder: randomUUID(), deadHolder });
    this.#newest = coordinator;
    this.#living.add(coordinator);
    void coordinator.ended.then((end) => this.#ended(coordinator, end));
  }

  async #ended(coordinator: KeptCoordinator, end: CoordinatorEnd): Promise<void> {
    this.#living.delete(coordinator);
    if (coordinator.hasConcluded || (this.#isStopping && this.#living.size === 0))
      return this.#end(end.code ?? 1);
    // A successor stands beside it already, and takes over.
    if (coordinator !== this.#newest || this.#isStopping) return;
    const next = afterDeath(this.#deaths, performance.now() - coordinator.startedAt);
    if (next.kind === 'give-up') {
      console.error(`the coordinator died again and again, last with ${endWords(end)}: no other is started`);
      return this.#end(GAVE_UP);
    }
    this.#deaths = next.deaths;
    console.error(
      `the coordinator ended with ${endWords(end)}; another one is started in ${next.waitMs / 1000} s`,
    );
    await sleep(next.waitMs);
    if (this.#isStopping) return this.#end(GAVE_UP);
    this.#start(end.code === STEPPED_BACK ? null : coordinator.holder);
  }

  #look(): void {
    const newest = this.#newest;
    if (!newest || !this.#living.has(newest) || this.#isStopping) return;
    if (!needsSuccessor(newest, performance.now(), this.#termMs)) return;
    console.error(
      `the coordinator has been silent for ${this.#termMs / 1000} s: another one challenges its lease`,
    );
    this.#start(null);
  }

  /** Stopped ones, and successors that came to nothing: none of them may act. */
  async #endOthers(): Promise<void> {
    for (const coordinator of this.#living) coordinator.signal('SIGKILL');
    await Promise.all([...this.#living].map((coordinator) => coordinator.ended));
  }
}

function endWords({ code, signal }: CoordinatorEnd): string {
  return signal === null ? `code ${code}` : signal;
}
