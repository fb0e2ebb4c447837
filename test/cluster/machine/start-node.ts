/**
 * containerd and a kubelet: the cluster's one node, on which pods really run.
 * In: the cluster's folder, the cache folder, kubebox, the running control plane. Out: the node is ready and has the pause image.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from '../../../scripts/s3-server/free-ports.mjs';
import { askApi } from './ask-api.js';
import { makeBusyboxImage } from './busybox-image.js';
import { startProcess, untilReady } from './cluster-process.js';
import { loadImage } from './load-image.js';
import { kubeletSettings, networkSettings, PAUSE_IMAGE } from './node-settings.js';
import { takeNodeStorage } from './node-storage.js';
import { startContainerd } from './start-containerd.js';
import type { ControlPlane } from './start-control-plane.js';

const READY_WITHIN_MS = 90_000;
const NODE = '127.0.0.1';

export interface NodeRequest {
  readonly folder: string;
  readonly cache: string;
  readonly kubebox: string;
  readonly controlPlane: ControlPlane;
}

export async function startNode({ folder, cache, kubebox, controlPlane }: NodeRequest): Promise<void> {
  const [port = 0] = await freePorts(1);
  const settings = join(folder, 'kubelet.json');
  mkdirSync(join(folder, 'cni'));
  writeFileSync(settings, JSON.stringify(kubeletSettings(folder, port), null, 2));
  writeFileSync(join(folder, 'cni', '10-test.conflist'), JSON.stringify(networkSettings(folder)));

  await takeNodeStorage(folder, cache);
  const containerd = await startContainerd(folder);
  await makeBusyboxImage();
  await loadImage(folder, PAUSE_IMAGE, PAUSE_IMAGE);

  const kubelet = startProcess(folder, 'kubelet', kubebox, [
    'kubelet',
    `--kubeconfig=${controlPlane.kubeconfig}`,
    `--config=${settings}`,
    `--root-dir=${join(folder, 'kubelet')}`,
    `--cert-dir=${join(folder, 'pki', 'kubelet')}`,
    `--hostname-override=${NODE}`,
  ]);
  await untilReady('the node', READY_WITHIN_MS, [containerd, kubelet], () => isNodeReady(controlPlane));
}

async function isNodeReady({ api }: ControlPlane): Promise<boolean> {
  const answer = await askApi(api, `/api/v1/nodes/${NODE}`);
  if (answer?.status !== 200) return false;
  const node = JSON.parse(answer.body) as { status?: { conditions?: { type: string; status: string }[] } };
  return node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
