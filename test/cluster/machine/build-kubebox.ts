/**
 * The cluster's programs as one file (../kubebox), compiled by Go when they are needed for the first time.
 * In: the cache folder. Out: the path of the program. Cold: a 20 s download and about 9 CPU-minutes.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { textDigest } from '../../../scripts/setup/file-digest.mjs';
import { makeFolder } from '../../../scripts/setup/make-folder.mjs';
import { lastLine, runCommand } from '../../../scripts/setup/run-command.mjs';
import { ClusterImpossible } from './cluster-impossible.js';
import { pathOf } from './path-of.js';

const MODULE = fileURLToPath(new URL('../kubebox', import.meta.url));
const VERSION = 'v1.36.3';
const PACKAGE = 'k8s.io/component-base/version';
/** What `kubectl version` says; without it a kubelet has no version and the API server refuses it. */
const SAYS = {
  gitVersion: VERSION,
  gitMajor: '1',
  gitMinor: '36',
  gitCommit: 'none',
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
};

export async function buildKubebox(cache: string, say: (line: string) => void): Promise<string> {
  const flags = Object.entries(SAYS).map(([name, value]) => `-X ${PACKAGE}.${name}=${value}`);
  const args = ['build', '-trimpath', '-ldflags', `-s -w ${flags.join(' ')}`];
  const sources = sourcesDigest(args);
  const folder = join(cache, 'cluster', `kubebox-${VERSION}-${process.arch}-${sources.slice(0, 12)}`);
  await makeFolder(folder, { sources }, async (unfinished) => {
    if (pathOf('go') === null)
      throw new ClusterImpossible(
        'Go is not installed, which builds Kubernetes; KUBECONFIG may name a cluster',
      );
    say(`Building Kubernetes ${VERSION} with Go (some minutes, once per machine)`);
    const go = await runCommand('go', [...args, '-o', join(unfinished, 'kubebox'), '.'], {
      cwd: MODULE,
      env: { ...process.env, CGO_ENABLED: '0' },
    });
    if (go.code !== 0) throw new Error(`Kubernetes could not be built: ${lastLine(go)}`);
  });
  return join(folder, 'kubebox');
}

function sourcesDigest(args: readonly string[]): string {
  const names = readdirSync(MODULE).sort();
  const texts = names.map((name) => readFileSync(join(MODULE, name), 'utf8'));
  return textDigest(JSON.stringify([args, names, texts]));
}
