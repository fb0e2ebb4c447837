/**
 * What the processes of a measured run say that they reached (probe.mjs).
 * In: the folder of their files; each `read` takes what has been appended since. Out: all marks so far.
 */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { join } from 'node:path';

/** What a survivor reaches between two generations, in this order. */
export const PHASES = [
  'told',
  'left',
  'connecting',
  'agreeing',
  'digested',
  'entered',
  'step',
  'applied',
] as const;
export type Phase = (typeof PHASES)[number];

export interface Mark {
  /** A worker's id, or `coordinator`. */
  readonly who: string;
  readonly pid: number;
  /** Seconds on the monotonic clock. */
  readonly at: number;
  /** Of a worker a phase, or `validation`; of the coordinator what it hears: closed, exited or broken. */
  readonly event: Phase | 'validation' | 'closed' | 'exited' | 'broken';
  /** told and applied: counts the generations. */
  readonly generation?: number;
  /** applied: which step, and whose members computed it. */
  readonly epoch?: number;
  readonly step?: number;
  readonly workers?: readonly string[];
  /** closed, exited and broken: of whom. */
  readonly worker?: string;
}

/** applied */
export type AppliedMark = Mark & Required<Pick<Mark, 'generation' | 'epoch' | 'step' | 'workers'>>;

export class Marks {
  readonly all: Mark[] = [];
  readonly #folder: string;
  /** Bytes that were taken of each file. */
  readonly #taken = new Map<string, number>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Cheap: it is called many times a second beside what is measured. */
  read(): void {
    for (const file of readdirSync(this.#folder)) {
      const taken = this.#taken.get(file) ?? 0;
      const text = textAfter(join(this.#folder, file), taken);
      const end = text.lastIndexOf('\n') + 1; // the last line may be half written
      if (end === 0) continue;
      for (const line of text.slice(0, end - 1).split('\n')) this.all.push(JSON.parse(line) as Mark);
      this.#taken.set(file, taken + end);
    }
  }
}

/** Marks are ASCII: a byte is a character. */
function textAfter(path: string, from: number): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(fstatSync(file).size - from);
    return bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, from));
  } finally {
    closeSync(file);
  }
}

export function isApplied(mark: Mark): mark is AppliedMark {
  return mark.event === 'applied';
}

/** The clock of the marks. */
export function monotonicSeconds(): number {
  return Number(process.hrtime.bigint()) / 1e9;
}
