/**
 * A node that only seems to be there, and on it as many pods as anybody likes: each is Running at once and until it
 * is deleted. In: a cluster, a folder for the log. Out: where pods have to be sent; when stopped, the node is gone.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from '../../../scripts/s3-server/free-ports.mjs';
import { serverProcess } from '../../../scripts/s3-server/server-process.mjs';
import { cacheFolder } from '../../../scripts/setup/cache-folder.mjs';
import { untilReady } from './cluster-process.js';
import { installKwok } from './install-kwok.js';
import type { Answer } from './kubectl.js';

const READY_WITHIN_MS = 60_000;
const NODE = 'seeming-node';
const POD_END = fileURLToPath(new URL('pod-end.yaml', import.meta.url));
const MARK = 'kwok.x-k8s.io/node';

/** To be merged into the template of pods that go there; real ones stay away. */
export const ON_SEEMING_NODE = {
  nodeSelector: { [MARK]: 'fake' },
  tolerations: [{ key: MARK, operator: 'Equal', value: 'fake', effect: 'NoSchedule' }],
} as const;

export interface KwokRequest {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly kubectl: (args: readonly string[], input?: string) => Promise<Answer>;
  /** What the node says it has: { cpu: '1000', memory: '4Ti', pods: '2000', 'nvidia.com/gpu': '64' } */
  readonly capacity: Readonly<Record<string, string>>;
  readonly say: (line: string) => void;
}

export async function startKwok(request: KwokRequest): Promise<{ stop(): Promise<void> }> {
  const { folder, kubeconfig, kubectl } = request;
  const { program, stages } = await installKwok(cacheFolder(), request.say);
  const [port = 0] = await freePorts(1);
  const args = [
    `--kubeconfig=${kubeconfig}`,
    ...[...stages, POD_END].map((stage) => `--config=${stage}`),
    `--manage-nodes-with-annotation-selector=${MARK}=fake`,
    `--server-address=127.0.0.1:${port}`,
    '--node-lease-duration-seconds=40',
  ];
  const env = { ...process.env, HOME: folder };
  const kwok = serverProcess(program, args, { cwd: folder, env, log: join(folder, 'kwok.log') });
  const stop = async () => {
    await kubectl(['delete', 'node', NODE, '--ignore-not-found']);
    await kwok.stop();
  };
  try {
    const created = await kubectl(['create', '-f', '-'], JSON.stringify(seemingNode(request.capacity)));
    assert.equal(created.code, 0, created.stderr);
    const seen = { ...kwok, name: 'kwok' };
    await untilReady('the seeming node', READY_WITHIN_MS, [seen], async () => {
      const path = 'jsonpath={.status.conditions[?(@.type=="Ready")].status}';
      return (await kubectl(['get', 'node', NODE, '--output', path])).stdout === 'True';
    });
    return { stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function seemingNode(capacity: Readonly<Record<string, string>>): object {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name: NODE, annotations: { [MARK]: 'fake' }, labels: { [MARK]: 'fake' } },
    spec: { taints: [{ key: MARK, value: 'fake', effect: 'NoSchedule' }] },
    status: { capacity, allocatable: capacity },
  };
}
