/**
 * A worker's output: a file that its processes append to, so that none of them minds when the coordinator dies.
 * In: the folder of the run's outputs, the worker id. Out: a descriptor for a new process; the lines as they grow.
 *
 * Beside it stands how many lines were recorded when the file began: a coordinator that goes on after another one
 * skips what that one has recorded from it.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';

const PIECE_BYTES = 64 * 1024;

export class OutputFile {
  readonly #path: string;
  readonly #decoder = new StringDecoder('utf8');
  readonly #piece = Buffer.alloc(PIECE_BYTES);
  #skip: number;
  #at = 0;
  #unfinished = '';

  /** `linesRecorded` counts the worker's lines of this and of earlier files. */
  constructor(folder: string, workerId: string, linesRecorded: number) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#path = join(folder, `${workerId}.log`);
    const beginsAfter = `${this.#path}.begins-after`;
    if (!existsSync(this.#path)) {
      writeFileSync(beginsAfter, String(linesRecorded), { mode: 0o600 });
      appendFileSync(this.#path, '', { mode: 0o600 });
    }
    this.#skip = Math.max(0, linesRecorded - Number(readFileSync(beginsAfter, 'utf8')));
  }

  /** For the output of a process; to be closed once it has started. */
  open(): number {
    return openSync(this.#path, 'a', 0o600);
  }

  /** Lines that were finished since the last call; `last` gives one that is not, too. */
  newLines(last: boolean): string[] {
    const parts = (this.#unfinished + this.#newText()).split(/\r?\n/);
    this.#unfinished = parts.pop() ?? '';
    if (last && this.#unfinished !== '') parts.push(this.#unfinished);
    if (last) this.#unfinished = '';
    const skipped = Math.min(this.#skip, parts.length);
    this.#skip -= skipped;
    return parts.slice(skipped);
  }

  #newText(): string {
    const file = openSync(this.#path, 'r');
    try {
      let text = '';
      for (;;) {
        const bytes = readSync(file, this.#piece, 0, PIECE_BYTES, this.#at);
        if (bytes === 0) return text;
        this.#at += bytes;
        text += this.#decoder.write(this.#piece.subarray(0, bytes));
      }
    } finally {
      closeSync(file);
    }
  }
}
