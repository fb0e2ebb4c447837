/**
 * Connections to the API server for the output of many pods: one for each that is being followed, as `kubectl logs -f`
 * has it. Only a few are being opened at a time, and one whose answer has come to its end is used again: where hundreds
 * of kubelets do not answer, new ones for each attempt would be most of the coordinator's work.
 * In: a path of the API server. Out: its answer, whatever it is.
 */
import type { IncomingMessage } from 'node:http';
import { Agent, get, type RequestOptions } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FewAtOnce } from '../../kubernetes/few-at-once.js';
import type { Cluster } from '../../kubernetes/open-cluster.js';

const TURN_MS = 1000;

export class LogConnections {
  readonly #cluster: Cluster;
  readonly #opening: FewAtOnce;
  readonly #agent = new Agent({ keepAlive: true });

  constructor(cluster: Cluster, opening: FewAtOnce) {
    this.#cluster = cluster;
    this.#opening = opening;
  }

  /** The next one's turn comes with the answer, or after a while: a container that is silent so far gives none. */
  async get(path: string, query: URLSearchParams, signal: AbortSignal): Promise<IncomingMessage> {
    const asked = await this.#opening.do(async () => {
      const answer = this.#ask(path, query, signal);
      await Promise.race([answer.catch(() => undefined), sleep(TURN_MS, undefined, { ref: false })]);
      return { answer };
    });
    return await asked.answer;
  }

  async #ask(path: string, query: URLSearchParams, signal: AbortSignal): Promise<IncomingMessage> {
    const { config, objects, namespace } = this.#cluster;
    const { server = '', proxyUrl } = config.getCurrentCluster() ?? {};
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options as never);
    signal.throwIfAborted();
    objects.countCall();
    // The client makes a new agent for each request; through a proxy that one is needed.
    const agent = proxyUrl ? options.agent : this.#agent;
    const url = new URL(`${server}/api/v1/namespaces/${namespace}/${path}?${query}`);
    return await new Promise((resolve, reject) => {
      get(url, { ...options, agent, signal }, resolve).on('error', reject);
    });
  }
}
