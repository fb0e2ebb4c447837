/**
 * A folder of k8s/ as `kubectl apply -k` would send it, in the test's own namespace instead of `bagfleet`: the same
 * way in which docs/kubernetes.md tells users to choose theirs.
 * In: the folder below k8s/. Out: its objects.
 */
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import type { ClusterInTests } from './cluster-in-tests.js';
import type { Manifest } from './pods-of.js';

const MANIFESTS = fileURLToPath(new URL('../../../k8s/', import.meta.url));

export async function kustomized(cluster: ClusterInTests, folder: string): Promise<Manifest[]> {
  const own = makeTempFolder();
  try {
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace: cluster.namespace,
      resources: [relative(own, join(MANIFESTS, folder))],
    };
    writeFileSync(join(own, 'kustomization.yaml'), JSON.stringify(kustomization));
    const text = await cluster.kubectl(['kustomize', own]);
    return parseAllDocuments(text).map((document) => document.toJS() as Manifest);
  } finally {
    removeTempFolder(own);
  }
}

/** Really there, for the rest of the tests. */
export async function applyKustomized(cluster: ClusterInTests, folder: string): Promise<void> {
  const objects = await kustomized(cluster, folder);
  await cluster.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], asList(objects));
}

/** As one document, so that one call of kubectl takes them all. */
export function asList(items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
}
