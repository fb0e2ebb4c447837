/**
 * How far a data command is, on standard error: nothing for what is done at once; else one line that renews
 * itself on a terminal, and a line every tenth otherwise.
 * In: a stream, a clock in milliseconds. Out: a Progress.
 */
import type { Progress } from '../datasets/each-concurrently.js';

/** Where lines go; standard error is one. */
export interface LineSink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const PATIENCE_MS = 2_000;
const RENEWAL_MS = 100;
const BAR_WIDTH = 24;

export function lineProgress(sink: LineSink, now: () => number): Progress {
  const began = now();
  let drawnAt = 0;
  let toldTenth = -1;
  return (done, total, label) => {
    const finished = done === total;
    if (now() - began < PATIENCE_MS) return;
    if (sink.isTTY) {
      if (!finished && now() - drawnAt < RENEWAL_MS) return;
      drawnAt = now();
      const filled = Math.floor((done / total) * BAR_WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      sink.write(`\r${label} ${bar} ${done}/${total}${finished ? '\n' : ''}`);
      return;
    }
    const tenth = Math.floor((done / total) * 10);
    if (tenth !== toldTenth) sink.write(`${label}: ${done} of ${total}\n`);
    toldTenth = tenth;
  };
}
