/**
 * How far a data command is, on standard error: nothing for what is done at once; else one line that renews
 * itself on a terminal, and a line every tenth otherwise.
 * In: where lines go, a clock in milliseconds. Out: a Progress.
 */
import type { Progress } from '../datasets/each-concurrently.js';

/** Standard error is one. */
export interface LineSink {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

const PATIENCE_MS = 2_000;
const RENEWAL_MS = 100;
const BAR_WIDTH = 24;

/** A Progress to call; `end` leaves the cursor at the beginning of a line, as an error message wants it. */
export type LineProgress = Progress & { readonly end: () => void };

export function lineProgress(sink: LineSink, now: () => number): LineProgress {
  const began = now();
  const draw = sink.isTTY ? renewedLine(sink, now) : linePerTenth(sink);
  const patient: Progress = (done, total, label) => {
    if (now() - began >= PATIENCE_MS) draw.tell(done, total, label);
  };
  return Object.assign(patient, { end: draw.end });
}

/** Runs a work that tells its progress; however it ends, its line ends too. */
export async function showingProgress<T>(
  work: (progress: Progress) => Promise<T>,
  sink: LineSink = process.stderr,
  now: () => number = () => performance.now(),
): Promise<T> {
  const progress = lineProgress(sink, now);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}

interface Drawing {
  readonly tell: Progress;
  readonly end: () => void;
}

function renewedLine(sink: LineSink, now: () => number): Drawing {
  let drawnAt = -RENEWAL_MS;
  let lineOpen = false;
  const end = () => {
    if (lineOpen) sink.write('\n');
    lineOpen = false;
  };
  const tell: Progress = (done, total, label) => {
    if (done < total && now() - drawnAt < RENEWAL_MS) return;
    drawnAt = now();
    const filled = Math.floor((done / total) * BAR_WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    sink.write(`\r${label} ${bar} ${done}/${total}`);
    lineOpen = true;
    if (done === total) end();
  };
  return { tell, end };
}

function linePerTenth(sink: LineSink): Drawing {
  let told = '';
  const tell: Progress = (done, total, label) => {
    const tenth = `${label} ${Math.floor((done / total) * 10)}`;
    if (tenth !== told) sink.write(`${label}: ${done} of ${total}\n`);
    told = tenth;
  };
  return { tell, end: () => {} };
}
