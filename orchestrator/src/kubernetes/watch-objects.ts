/**
 * Objects of one kind as they come, change and go: a list, then a watch from there, again whenever it breaks.
 * In: a kind and a label selector. Out: each object's newest form, and the names of those that are gone. While the
 * API server is away nothing is told; after that only what has changed.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type KubernetesObject, Watch } from '@kubernetes/client-node';
import { clusterError } from './cluster-errors.js';
import type { ListRequest } from './cluster-objects.js';
import type { Cluster } from './open-cluster.js';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5000;
/** A watch that hears nothing for so long is begun again: its connection may be dead. */
const WATCH_SECONDS = 240;

export interface ObjectEvents<T> {
  readonly onObject: (object: T) => void;
  readonly onGone: (uid: string) => void;
  /** The API server does not answer, and why; null when it does again. */
  readonly onTrouble?: (problem: string | null) => void;
}

export class ObjectWatch<T extends KubernetesObject> {
  readonly #cluster: Cluster;
  readonly #request: ListRequest;
  readonly #path: string;
  readonly #events: ObjectEvents<T>;
  /** uid → resourceVersion. */
  readonly #known = new Map<string, string>();
  #closed = false;
  #stream: AbortController | null = null;
  #pause = FIRST_PAUSE_MS;

  /** `path`: of the list, such as /api/v1/namespaces/n/pods. */
  constructor(cluster: Cluster, path: string, request: ListRequest, events: ObjectEvents<T>) {
    this.#cluster = cluster;
    this.#path = path;
    this.#request = request;
    this.#events = events;
    void this.#go();
  }

  close(): void {
    this.#closed = true;
    this.#stream?.abort();
  }

  async #go(): Promise<void> {
    while (!this.#closed) {
      try {
        const { items, resourceVersion } = await this.#cluster.objects.list<T>(this.#request);
        this.#events.onTrouble?.(null);
        this.#pause = FIRST_PAUSE_MS;
        this.#tellAll(items);
        await this.#follow(resourceVersion);
      } catch (thrown) {
        if (!this.#closed)
          this.#events.onTrouble?.(clusterError(thrown, 'watch', `${this.#request.kind} objects`).describe());
        this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * 2);
      }
      if (!this.#closed) await sleep(this.#pause);
    }
  }

  #tellAll(items: readonly T[]): void {
    if (this.#closed) return;
    const there = new Set(items.map(uidOf));
    for (const uid of [...this.#known.keys()]) if (!there.has(uid)) this.#gone(uid);
    for (const item of items) this.#tell(item);
  }

  /** Until the stream ends. */
  #follow(resourceVersion: string): Promise<void> {
    const { labels: labelSelector, fields: fieldSelector } = this.#request;
    const query = { resourceVersion, labelSelector, fieldSelector, timeoutSeconds: WATCH_SECONDS };
    this.#cluster.objects.countCall();
    return new Promise((resolve, reject) => {
      const onEvent = (type: string, object: T) => {
        if (this.#closed) return;
        if (type === 'ADDED' || type === 'MODIFIED') this.#tell(object);
        else if (type === 'DELETED') this.#gone(uidOf(object));
        else if (type === 'ERROR') this.#stream?.abort();
      };
      const done = (error: unknown) => (error ? reject(error) : resolve());
      new Watch(this.#cluster.config).watch(this.#path, query, onEvent, done).then((stream) => {
        this.#stream = stream;
        if (this.#closed) stream.abort();
      }, reject);
    });
  }

  #tell(object: T): void {
    const uid = uidOf(object);
    const version = object.metadata?.resourceVersion ?? '';
    if (this.#known.get(uid) === version) return;
    this.#known.set(uid, version);
    this.#events.onObject(object);
  }

  #gone(uid: string): void {
    if (this.#known.delete(uid)) this.#events.onGone(uid);
  }
}

function uidOf(object: KubernetesObject): string {
  return object.metadata?.uid ?? '';
}
