/**
 * Ctrl-C while a run is followed. At a terminal it asks: detach, cancel, or go on following; a second one
 * cancels. Without a terminal there is nobody to ask, and SIGINT or SIGTERM cancel.
 * In: signals and one key. Out: 'detach' or 'cancel', at most once.
 */
import { createInterface, type Interface } from 'node:readline';

export type Wish = 'detach' | 'cancel';

export class InterruptWatch {
  readonly #onWish: (wish: Wish) => void;
  readonly #interactive: boolean;
  readonly #onInterrupt = () => this.#interrupted();
  readonly #onTerminate = () => this.#wish('cancel');
  #question: Interface | null = null;
  #wished = false;

  constructor(
    onWish: (wish: Wish) => void,
    interactive = process.stdin.isTTY === true && process.stderr.isTTY === true,
  ) {
    this.#onWish = onWish;
    this.#interactive = interactive;
    process.on('SIGINT', this.#onInterrupt);
    process.on('SIGTERM', this.#onTerminate);
  }

  /** True while the question stands: nothing else may be drawn then. */
  get asking(): boolean {
    return this.#question !== null;
  }

  close(): void {
    this.#question?.close();
    process.off('SIGINT', this.#onInterrupt);
    process.off('SIGTERM', this.#onTerminate);
  }

  #interrupted(): void {
    if (!this.#interactive || this.#question) return this.#wish('cancel');
    this.#ask();
  }

  #ask(): void {
    const question = createInterface({ input: process.stdin, output: process.stderr });
    this.#question = question;
    question.on('SIGINT', () => this.#wish('cancel'));
    question.question('\n[d]etach and let it train, [c]ancel it, or Enter to go on following? ', (answer) => {
      question.close();
      this.#question = null;
      if (/^d/i.test(answer)) this.#wish('detach');
      else if (/^c/i.test(answer)) this.#wish('cancel');
    });
  }

  #wish(wish: Wish): void {
    if (this.#wished) return;
    this.#wished = true;
    this.#question?.close();
    this.#question = null;
    this.#onWish(wish);
  }
}
