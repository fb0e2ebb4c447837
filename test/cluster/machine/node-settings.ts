/**
 * How containerd, the kubelet and the network plug-in are set up.
 * In: the cluster's folder. Out: the texts of their settings' files; nothing lies outside the folder.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';

/** What holds a pod's namespaces; it also serves as a small image with a shell for tests. */
export const PAUSE_IMAGE = 'localhost/busybox:1';

export function containerdSocket(folder: string): string {
  return join(folder, 'containerd.sock');
}

export function containerdSettings(folder: string): string {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `
version = 2
root = "${join(folder, 'containerd')}"
state = "${join(folder, 'state')}"
[grpc]
address = "${containerdSocket(folder)}"
[${cri}]
sandbox_image = "${PAUSE_IMAGE}"
restrict_oom_score_adj = true
disable_apparmor = true
tolerate_missing_hugetlb_controller = true
netns_mounts_under_state_dir = true
[${cri}.containerd]
snapshotter = "overlayfs"
default_runtime_name = "runc"
[${cri}.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
[${cri}.cni]
bin_dir = "/usr/lib/cni"
conf_dir = "${join(folder, 'cni')}"
`;
}

/** Pods share the machine with other clusters and whatever else runs: nothing is evicted for a full disk. */
export function kubeletSettings(folder: string, port: number): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: '127.0.0.1',
    port,
    healthzPort: 0,
    readOnlyPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: `unix://${containerdSocket(folder)}`,
    failSwapOn: false,
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupsPerQOS: false,
    enforceNodeAllocatable: [],
    oomScoreAdj: 0,
    makeIPTablesUtilChains: false,
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: { 'nodefs.available': '0%', 'imagefs.available': '0%', 'memory.available': '50Mi' },
    localStorageCapacityIsolation: false,
    podLogsDir: join(folder, 'podlogs'),
    volumePluginDir: join(folder, 'volume-plugins'),
  };
}

/** Every pod without hostNetwork has an address of its own and reaches the machine, but nothing else. */
export function networkSettings(folder: string): object {
  const [a = 0, b = 0] = createHash('sha256').update(folder).digest();
  const ipam = {
    type: 'host-local',
    subnet: `10.${128 + (a % 64)}.${b}.0/24`, // of its own: clusters may run side by side
    dataDir: join(folder, 'addresses'),
  };
  return { cniVersion: '0.4.0', name: 'pods', plugins: [{ type: 'ptp', ipMasq: false, ipam }] };
}
