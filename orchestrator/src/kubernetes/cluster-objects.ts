/**
 * Objects of one namespace: get, list, create, apply, patch, delete. A thin layer over Kubernetes' own client that
 * counts its calls and answers with BagfleetErrors.
 * In: plain objects. Out: plain objects as the API server has them; null where there is none.
 */
import {
  type KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  PatchStrategy,
} from '@kubernetes/client-node';
import { clusterError, isMissing, statusOf } from './cluster-errors.js';

export const FIELD_MANAGER = 'bagfleet';

export interface ObjectName {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

export interface ListRequest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly labels?: string;
  readonly fields?: string;
  /** The first so many. */
  readonly limit?: number;
}

/** Dependents go with it; `graceSeconds` is the pods' own time to end where it is not given. */
export interface DeleteRequest extends ObjectName {
  readonly graceSeconds?: number;
}

export class ClusterObjects {
  readonly #api: KubernetesObjectApi;
  #calls = 0;

  constructor(
    config: KubeConfig,
    readonly namespace: string,
  ) {
    this.#api = KubernetesObjectApi.makeApiClient(config);
  }

  /** Requests so far, watches and logs too, without those that look up which kinds there are. */
  get calls(): number {
    return this.#calls;
  }

  /** A request is made that does not go through here. */
  countCall(): void {
    this.#calls++;
  }

  async get<T extends KubernetesObject>({ apiVersion, kind, name }: ObjectName): Promise<T | null> {
    return this.#unlessMissing('get', `${kind} ${name}`, () =>
      this.#api.read<T>({ apiVersion, kind, metadata: { name, namespace: this.namespace } } as never),
    );
  }

  async list<T extends KubernetesObject>(
    request: ListRequest,
  ): Promise<{ items: T[]; resourceVersion: string }> {
    const { apiVersion, kind, labels, fields, limit } = request;
    const none = undefined;
    const found = await this.#ask('list', `${kind} objects`, () =>
      this.#api.list<T>(apiVersion, kind, this.namespace, none, none, none, fields, labels, limit),
    );
    return { items: found.items, resourceVersion: found.metadata?.resourceVersion ?? '' };
  }

  /** null when there is one of this name already. */
  async create<T extends KubernetesObject>(object: T): Promise<T | null> {
    const placed = this.#placed(object);
    const what = nameOf(object);
    try {
      return await this.#count(() => this.#api.create(placed, undefined, undefined, FIELD_MANAGER));
    } catch (thrown) {
      if (statusOf(thrown) === 409) return null;
      throw clusterError(thrown, 'create', what);
    }
  }

  /** Server-side apply: it becomes as it is given, in the fields that are given. */
  apply<T extends KubernetesObject>(object: T): Promise<T> {
    return this.#ask('apply', nameOf(object), () =>
      this.#api.patch(
        this.#placed(object),
        undefined,
        undefined,
        FIELD_MANAGER,
        true,
        PatchStrategy.ServerSideApply,
      ),
    );
  }

  /** Does it pass the API server's own validation and admission? Nothing is kept. */
  dryRun<T extends KubernetesObject>(object: T): Promise<T> {
    return this.#ask('accept', nameOf(object), () =>
      this.#api.create(this.#placed(object), undefined, 'All', FIELD_MANAGER),
    );
  }

  /** A JSON merge patch: null takes a field away. */
  async patch(name: ObjectName, change: object): Promise<void> {
    const { apiVersion, kind, name: called } = name;
    const metadata = { ...(change as KubernetesObject).metadata, name: called };
    await this.#ask('patch', `${kind} ${called}`, () =>
      this.#api.patch(
        this.#placed({ apiVersion, kind, ...change, metadata }),
        undefined,
        undefined,
        FIELD_MANAGER,
        undefined,
        PatchStrategy.MergePatch,
      ),
    );
  }

  /** It and all that it owns; that it is gone already is no error. */
  async delete({ apiVersion, kind, name, graceSeconds }: DeleteRequest): Promise<void> {
    const object = { apiVersion, kind, metadata: { name, namespace: this.namespace } };
    await this.#unlessMissing('delete', `${kind} ${name}`, () =>
      this.#api.delete(object, undefined, undefined, graceSeconds, undefined, 'Background'),
    );
  }

  #placed<T extends KubernetesObject>(object: T): T {
    return { ...object, metadata: { ...object.metadata, namespace: this.namespace } };
  }

  #count<T>(request: () => Promise<T>): Promise<T> {
    this.countCall();
    return request();
  }

  async #ask<T>(verb: string, what: string, request: () => Promise<T>): Promise<T> {
    try {
      return await this.#count(request);
    } catch (thrown) {
      throw clusterError(thrown, verb, what);
    }
  }

  async #unlessMissing<T>(verb: string, what: string, request: () => Promise<T>): Promise<T | null> {
    try {
      return await this.#count(request);
    } catch (thrown) {
      if (isMissing(thrown)) return null;
      throw clusterError(thrown, verb, what);
    }
  }
}

function nameOf({ kind, metadata }: KubernetesObject): string {
  return `${kind} ${metadata?.name}`;
}
