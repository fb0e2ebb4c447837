/**
 * A real Kubernetes cluster for tests: the one that KUBECONFIG names, or else one of our own on this machine's loopback.
 * In: an empty folder of an absolute path without spaces, on a disk (not on tmpfs or overlayfs, where images
 * cannot be unpacked). Out: the API server answers and, if asked for, the node is ready; when stopped, nothing is left.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { cacheFolder } from '../../../scripts/setup/cache-folder.mjs';
import { buildKubebox } from './build-kubebox.js';
import { guardCluster } from './cluster-guard.js';
import type { ClusterProcess } from './cluster-process.js';
import { installPrograms } from './install-programs.js';
import { type Answer, runKubectl } from './kubectl.js';
import { loadImage } from './load-image.js';
import { containerdSocket } from './node-settings.js';
import { pathOf } from './path-of.js';
import { type ControlPlane, startControlPlane } from './start-control-plane.js';
import { startNode } from './start-node.js';

const STARTS = 2;

export interface ClusterRequest {
  readonly folder: string;
  /** Without pods there are only the API server and its controllers: ready in 4 s instead of 6, and without root. */
  readonly withPods: boolean;
  /** Gets a line when something has to be built or installed. */
  readonly say: (line: string) => void;
}

export interface Cluster {
  readonly kubeconfig: string;
  /** Never throws for a refusal: the answer has its exit code. */
  kubectl(args: readonly string[], input?: string): Promise<Answer>;
  /** Takes an image from buildah's storage to the node; a foreign cluster has to have it already. */
  loadImage(image: string, name: string): Promise<void>;
  /** Makes the API server fall silent, and answer again; null for a cluster that is not ours to disturb. */
  readonly apiServer: ApiServerSwitch | null;
  stop(): Promise<void>;
}

export interface ApiServerSwitch {
  silence(): void;
  wake(): void;
}

export async function startCluster(request: ClusterRequest): Promise<Cluster> {
  if (process.env.KUBECONFIG) return givenCluster(resolve(process.env.KUBECONFIG), request.say);
  const cache = cacheFolder();
  if (request.withPods) await installPrograms(request.say);
  const kubebox = await buildKubebox(cache, request.say);
  for (let start = 1; ; start++) {
    const folder = join(request.folder, `start-${start}`);
    mkdirSync(folder, { recursive: true });
    const stop = await guardCluster(folder, cache);
    try {
      const { kubeconfig, apiProcess } = await startParts({ folder, cache, kubebox }, request.withPods);
      const load: Cluster['loadImage'] = (...image) => loadImage(folder, ...image);
      return cluster(kubeconfig, [kubebox, 'kubectl'], load, switchOf(apiProcess), stop);
    } catch (error) {
      await stop();
      if (start === STARTS) throw error; // somebody may have taken a port meanwhile, once
    }
  }
}

interface Place {
  readonly folder: string;
  readonly cache: string;
  readonly kubebox: string;
}

async function startParts(place: Place, withPods: boolean): Promise<ControlPlane> {
  const controlPlane = await startControlPlane(place.folder, place.kubebox);
  if (withPods) await startNode({ ...place, controlPlane });
  return controlPlane;
}

function switchOf(apiProcess: ClusterProcess): ApiServerSwitch {
  return { silence: () => apiProcess.signal('SIGSTOP'), wake: () => apiProcess.signal('SIGCONT') };
}

/** One that we started elsewhere has its node's socket beside its kubeconfig. */
async function givenCluster(kubeconfig: string, say: (line: string) => void): Promise<Cluster> {
  const folder = dirname(kubeconfig);
  const isOurs = existsSync(containerdSocket(folder));
  const load = async (image: string, name: string) => {
    if (isOurs) await loadImage(folder, image, name);
  };
  const program = pathOf('kubectl') ? ['kubectl'] : [await buildKubebox(cacheFolder(), say), 'kubectl'];
  return cluster(kubeconfig, program, load, null, async () => {});
}

function cluster(
  kubeconfig: string,
  program: readonly string[],
  load: Cluster['loadImage'],
  apiServer: ApiServerSwitch | null,
  stop: Cluster['stop'],
): Cluster {
  const kubectl = (args: readonly string[], input = '') => runKubectl(program, kubeconfig, args, input);
  return { kubeconfig, kubectl, loadImage: load, apiServer, stop };
}
