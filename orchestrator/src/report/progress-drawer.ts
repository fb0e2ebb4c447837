/**
 * Shows a run's progress on a stream while it is followed.
 * In: its status, again and again. Out: on a terminal one line that is rewritten, elsewhere a plain line now and then.
 * It changes no terminal mode and hides no cursor, so an interrupted process leaves nothing to mend.
 */
import { FINAL_STATES, type RunStatus } from '@bagfleet/proto';
import { progressLine, progressText } from './progress-line.js';

export interface ProgressStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
}

/** Milliseconds between two plain lines of the same epoch. */
const PLAIN_EVERY = 5000;
/** A phase that says more than how many there are: `training with 1 of 2 workers, w1 has no place yet: …`. */
const DETAILS = /[,;] /;
const CLEAR_TO_END = '\x1b[K';

export class ProgressDrawer {
  readonly #stream: ProgressStream;
  readonly #now: () => number;
  /** The phase that was told in full. */
  #news = '';
  /** What stands on the terminal's line; empty after a line break. */
  #standing = '';
  #last: { readonly stage: string; readonly text: string; readonly at: number } | null = null;

  /** `now` in milliseconds, from any clock that only grows. */
  constructor(stream: ProgressStream, now: () => number = () => performance.now()) {
    this.#stream = stream;
    this.#now = now;
  }

  draw(status: RunStatus): void {
    if (!FINAL_STATES.includes(status.state)) this.#tellNews(status.phase);
    if (this.#stream.isTTY === true) this.#rewrite(progressLine(status, (this.#stream.columns || 80) - 1));
    else this.#sayNowAndThen(status);
    if (FINAL_STATES.includes(status.state)) this.end();
  }

  /** A line that stays, above the progress. */
  note(line: string): void {
    const standing = this.#standing;
    this.#rewrite(line);
    this.end();
    if (standing !== '') this.#rewrite(standing);
  }

  /** Leaves what stands, and the cursor on a new line. */
  end(): void {
    if (this.#standing === '') return;
    this.#stream.write('\n');
    this.#standing = '';
  }

  /** Who is missing and why has no room in a line of progress, and is not to scroll by. */
  #tellNews(phase: string): void {
    if (phase === this.#news || !DETAILS.test(phase)) return;
    this.#news = phase;
    this.note(phase);
  }

  #rewrite(line: string): void {
    if (line === this.#standing) return;
    this.#stream.write(this.#stream.isTTY === true ? `\r${line}${CLEAR_TO_END}` : line);
    this.#standing = line;
  }

  /** At once for a new epoch or state, else at most every PLAIN_EVERY. */
  #sayNowAndThen(status: RunStatus): void {
    const text = progressText(status);
    const stage = `${status.state} ${status.epoch}`;
    const due =
      this.#last === null || stage !== this.#last.stage || this.#now() - this.#last.at >= PLAIN_EVERY;
    if (!due || text === this.#last?.text || text === this.#news) return;
    this.#last = { stage, text, at: this.#now() };
    this.#stream.write(`${text}\n`);
  }
}
