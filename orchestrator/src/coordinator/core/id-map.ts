/**
 * A map of texts that is changed without being copied: each change gives another map, and the one before stays as it
 * is. With hundreds of workers, a decision that changes all of them one by one would copy a plain Map as often.
 * In: keys and values, as for a Map; it keeps their order as a Map does. Out: maps.
 *
 * Entries lie in chunks that maps share; a change copies one. Maps that come from each other share an index of places,
 * too, which only ever gets more right for newer ones: what it says is checked, and an older map looks itself.
 */
const CHUNK = 32;
/** So many removed ones are carried along, and as many as there are entries, before all is put together anew. */
const HOLES = 64;

interface Entry<V> {
  readonly key: string;
  readonly value: V;
}

type Chunk<V> = readonly (Entry<V> | null)[];

export class IdMap<V> {
  readonly size: number;
  readonly #chunks: readonly Chunk<V>[];
  /** Places used, holes too. */
  readonly #end: number;
  readonly #index: Map<string, number>;
  #values: readonly V[] | null = null;

  private constructor(chunks: readonly Chunk<V>[], end: number, size: number, index: Map<string, number>) {
    this.#chunks = chunks;
    this.#end = end;
    this.size = size;
    this.#index = index;
  }

  static empty<V>(): IdMap<V> {
    return new IdMap<V>([], 0, 0, new Map());
  }

  get(key: string): V | undefined {
    const place = this.#placeOf(key);
    return place === null ? undefined : this.#at(place)?.value;
  }

  has(key: string): boolean {
    return this.#placeOf(key) !== null;
  }

  /** In the order in which the keys came. */
  values(): readonly V[] {
    this.#values ??= this.#entries().map(({ value }) => value);
    return this.#values;
  }

  keys(): readonly string[] {
    return this.#entries().map(({ key }) => key);
  }

  with(key: string, value: V): IdMap<V> {
    const place = this.#placeOf(key);
    if (place !== null) return new IdMap(this.#put(place, { key, value }), this.#end, this.size, this.#index);
    this.#index.set(key, this.#end);
    return new IdMap(this.#put(this.#end, { key, value }), this.#end + 1, this.size + 1, this.#index);
  }

  without(key: string): IdMap<V> {
    const place = this.#placeOf(key);
    if (place === null) return this;
    const map = new IdMap(this.#put(place, null), this.#end, this.size - 1, this.#index);
    return map.#end > HOLES + 2 * map.size ? map.#packed() : map;
  }

  #placeOf(key: string): number | null {
    const place = this.#index.get(key);
    if (place === undefined) return null;
    if (this.#at(place)?.key === key) return place;
    for (let other = 0; other < this.#end; other++) if (this.#at(other)?.key === key) return other;
    return null;
  }

  #at(place: number): Entry<V> | null {
    return this.#chunks[Math.floor(place / CHUNK)]?.[place % CHUNK] ?? null;
  }

  #put(place: number, entry: Entry<V> | null): Chunk<V>[] {
    const chunks = [...this.#chunks];
    const number = Math.floor(place / CHUNK);
    const chunk = [...(chunks[number] ?? [])];
    chunk[place % CHUNK] = entry;
    chunks[number] = chunk;
    return chunks;
  }

  #entries(): Entry<V>[] {
    const entries: Entry<V>[] = [];
    for (const chunk of this.#chunks) for (const entry of chunk) if (entry) entries.push(entry);
    return entries;
  }

  #packed(): IdMap<V> {
    return this.#entries().reduce((map, { key, value }) => map.with(key, value), IdMap.empty<V>());
  }
}
