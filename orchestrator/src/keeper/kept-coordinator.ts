/**
 * One coordinator process as its keeper sees it.
 * In: what it is told at its start. Out: signs of life, whether it has concluded, its end.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { KeeperWord } from './keeper-link.js';

export interface CoordinatorEnd {
  readonly code: number | null;
  readonly signal: string | null;
}

export class KeptCoordinator {
  readonly holder: string;
  readonly startedAt = performance.now();
  /** Resolves when the process has ended. */
  readonly ended: Promise<CoordinatorEnd>;
  readonly #process: ChildProcess;
  #heardAt: number | null = null;
  #hasConcluded = false;

  /** Its output is the keeper's. */
  constructor(environment: {
    readonly token: string;
    readonly holder: string;
    readonly deadHolder: string | null;
  }) {
    const { token, holder, deadHolder } = environment;
    this.holder = holder;
    const entry = fileURLToPath(new URL('../coordinator/coordinator-main.js', import.meta.url));
    const { BAGFLEET_DEAD_HOLDER: _, ...env } = process.env;
    this.#process = spawn(process.execPath, ['--enable-source-maps', entry], {
      env: {
        ...env,
        BAGFLEET_TOKEN: token,
        BAGFLEET_HOLDER: holder,
        ...(deadHolder === null ? {} : { BAGFLEET_DEAD_HOLDER: deadHolder }),
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#process.on('message', (word: KeeperWord) => {
      this.#heardAt = performance.now();
      if (word === 'concluded') this.#hasConcluded = true;
    });
    this.ended = new Promise((resolve) => {
      // 'close' comes after the last message. 'error' alone means that it never started.
      this.#process.once('close', (code, signal) => resolve({ code, signal }));
      this.#process.once('error', () => resolve({ code: null, signal: null }));
    });
  }

  /** When it last said a word; null before the first. */
  get heardAt(): number | null {
    return this.#heardAt;
  }

  get hasConcluded(): boolean {
    return this.#hasConcluded;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }
}
