/**
 * A file of the run's folder that grows by lines. Object stores have no append, so it is held here and written
 * whole; it goes on after the lines that an earlier coordinator left.
 */
import type { OwnedFile } from './lease/owned-file.js';

export class GrowingFile {
  readonly #file: OwnedFile;
  readonly #lines: string[] = [];
  #changed = false;

  constructor(file: OwnedFile) {
    this.#file = file;
  }

  /** Lines that are not in the store yet. */
  get changed(): boolean {
    return this.#changed;
  }

  append(line: string): void {
    this.#lines.push(line);
    this.#changed = true;
  }

  /** All its lines, those of earlier coordinators first. */
  async lines(): Promise<string[]> {
    const before = decode(await this.#file.before());
    return [...before.split('\n').slice(0, -1), ...this.#lines];
  }

  async write(): Promise<void> {
    this.#changed = false;
    try {
      await this.#file.write((before) => encode(`${decode(before)}${this.#lines.join('\n')}\n`));
    } catch (thrown) {
      this.#changed = true;
      throw thrown;
    }
  }
}

function decode(bytes: Uint8Array | null): string {
  return bytes === null ? '' : new TextDecoder().decode(bytes);
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
