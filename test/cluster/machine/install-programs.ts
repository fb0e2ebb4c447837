/**
 * The programs that a node with pods needs beside kubebox: there, or installed by apt where we may.
 * In: nothing. Out: they are there, or an error that says in one line what is missing.
 */
import { lastLine, runCommand } from '../../../scripts/setup/run-command.mjs';
import { ClusterImpossible } from './cluster-impossible.js';
import { pathOf } from './path-of.js';

/** Each program, and the package of Debian and Ubuntu that brings it. */
const PACKAGES: Readonly<Record<string, string>> = {
  containerd: 'containerd',
  runc: 'runc',
  buildah: 'buildah',
  skopeo: 'skopeo',
  mmdebstrap: 'mmdebstrap',
  busybox: 'busybox-static',
  '/usr/lib/cni/ptp': 'containernetworking-plugins',
};

export async function installPrograms(say: (line: string) => void): Promise<void> {
  if (process.platform !== 'linux') throw new ClusterImpossible('pods run on Linux only');
  if (process.getuid?.() !== 0) throw new ClusterImpossible('pods need root');
  if (missing().length === 0) return;
  const packages = missing().map((program) => String(PACKAGES[program]));
  if (pathOf('apt-get') === null) throw new ClusterImpossible(`not installed: ${packages.join(', ')}`);

  say(`Installing ${packages.join(', ')} (once per machine)`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  await runCommand('apt-get', ['update', '-qq'], { env });
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  const apt = await runCommand('apt-get', args, { env });
  if (missing().length > 0)
    throw new ClusterImpossible(`apt could not install ${packages.join(', ')}: ${lastLine(apt)}`);
}

function missing(): string[] {
  return Object.keys(PACKAGES).filter((program) => pathOf(program) === null);
}
