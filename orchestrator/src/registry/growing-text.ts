/**
 * A text object that grows, read line by line: a worker's log.
 * In: the store, a key. Out: on each call the whole lines that are new. An object that became shorter was
 * written anew and is read from its beginning.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';

export class GrowingText {
  readonly #store: ObjectStore;
  readonly #key: string;
  #offset = 0;
  #rest = '';
  #decoder = new TextDecoder();

  constructor(store: ObjectStore, key: string) {
    this.#store = store;
    this.#key = key;
  }

  /** Whole lines since the last call; none when there is no such object. */
  async newLines(): Promise<string[]> {
    const bytes = await this.#newBytes();
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const lines = this.#rest.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines;
  }

  /** The last line, if the text does not end with a line break. */
  unfinishedLine(): string | null {
    return this.#rest === '' ? null : this.#rest;
  }

  async #newBytes(): Promise<Uint8Array> {
    const now = await this.#store.head(this.#key);
    const size = now?.bytes ?? 0;
    if (size < this.#offset) this.#startAgain();
    const length = size - this.#offset;
    if (length === 0) return new Uint8Array();
    const { bytes } = await this.#store
      .get(this.#key, { range: { start: this.#offset, length } })
      .catch(nothingIfGone);
    this.#offset += bytes.length;
    return bytes;
  }

  #startAgain(): void {
    this.#offset = 0;
    this.#rest = '';
    this.#decoder = new TextDecoder();
  }
}

function nothingIfGone(thrown: unknown): { bytes: Uint8Array } {
  if (thrown instanceof BagfleetError && thrown.code === 'store-missing') return { bytes: new Uint8Array() };
  throw thrown;
}
