/**
 * Objects kept on a disk of the worker's machine, from epoch to epoch and from run to run, least recently used out
 * first. Several workers share a folder.
 * In: the folder, the limit in bytes, which store (endpoint and address). Out: an ObjectCache. What goes wrong with
 * the disk is said once, and bags are read from the store.
 */
import { entryPath, readEntry, writeEntry } from './cache-entry.js';
import { makeRoom } from './cache-folder.js';
import type { ObjectCache } from './object-cache.js';

/** Contents that wait for the disk; then reading waits for it, too. */
const MOST_WAITING = 2;
/** What several workers write between two looks at the folder: this part of the limit. */
const SLACK = 1 / 32;

export class DiskCache implements ObjectCache {
  readonly #folder: string;
  readonly #limit: number;
  readonly #place: string;
  readonly #say: (line: string) => void;
  #writes: Promise<void> = Promise.resolve();
  #waiting = 0;
  /** Written since the folder was last looked at; the first write looks. */
  #unseen = Number.POSITIVE_INFINITY;
  #complained = false;

  constructor(args: { folder: string; limit: number; place: string; say?: (line: string) => void }) {
    this.#folder = args.folder;
    this.#limit = args.limit;
    this.#place = args.place;
    this.#say = args.say ?? console.error;
  }

  async get(key: string, etag: string, bytes: number): Promise<Uint8Array<ArrayBuffer> | null> {
    try {
      return await readEntry(this.#pathOf(key, etag), bytes);
    } catch (thrown) {
      return this.#complain(thrown);
    }
  }

  async put(key: string, etag: string, content: Uint8Array): Promise<void> {
    if (content.length > this.#limit * (1 - SLACK)) return;
    this.#waiting++;
    const write = this.#writes.then(() => this.#write(this.#pathOf(key, etag), content));
    this.#writes = write.finally(() => this.#waiting--);
    if (this.#waiting > MOST_WAITING) await write;
  }

  /** Resolves when all is written. */
  settled(): Promise<void> {
    return this.#writes;
  }

  async #write(path: string, content: Uint8Array): Promise<void> {
    try {
      if (this.#unseen + content.length > this.#limit * SLACK) {
        await makeRoom(this.#folder, this.#limit * (1 - SLACK) - content.length, Date.now());
        this.#unseen = 0;
      }
      this.#unseen += content.length;
      await writeEntry(path, content);
    } catch (thrown) {
      this.#complain(thrown);
    }
  }

  #pathOf(key: string, etag: string): string {
    return entryPath(this.#folder, this.#place, key, etag);
  }

  #complain(thrown: unknown): null {
    if (!this.#complained) this.#say(`the disk cache in ${this.#folder} does not work: ${String(thrown)}`);
    this.#complained = true;
    return null;
  }
}
