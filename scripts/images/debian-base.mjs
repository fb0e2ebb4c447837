// @ts-check
// A base for the images on a machine that reaches Debian's or Ubuntu's packages, but no registry of images:
// the smallest system of the machine's own release, and the machine's own Node and npm.
// In: nothing. Out: the image's name in buildah's storage; made when it is needed for the first time.

import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { textDigest } from '../setup/file-digest.mjs';
import { lastLine, runCommand } from '../setup/run-command.mjs';
import { buildah, hasImage } from './buildah.mjs';

const PACKAGES = ['ca-certificates', 'libstdc++6'];
const DOCKERFILE = `FROM scratch
ADD system.tar /
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm
`;

/**
 * @param {(line: string) => void} say
 * @returns {Promise<string>}
 */
export async function debianBase(say) {
  const release = releaseOf(readFileSync('/etc/os-release', 'utf8'));
  const origin = textDigest(JSON.stringify([release, process.version, PACKAGES, DOCKERFILE]));
  const image = `localhost/bagfleet-base:${origin.slice(0, 12)}`;
  if (await hasImage(image)) return image;
  say(`Making a base image of ${release} and Node ${process.version} (half a minute, once per machine)`);
  const folder = mkdtempSync(join(tmpdir(), 'bagfleet-base-'));
  try {
    await fill(folder, release);
    await buildah(['bud', '--isolation', 'chroot', '--tag', image, folder]);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return image;
}

/**
 * @param {string} folder
 * @param {string} release
 */
async function fill(folder, release) {
  await run('mmdebstrap', [
    ...['--variant=minbase', `--include=${PACKAGES.join(',')}`, '--quiet'],
    ...[release, join(folder, 'system.tar')],
  ]);
  copyFileSync(process.execPath, join(folder, 'node'));
  cpSync(join((await run('npm', ['root', '--global'])).trim(), 'npm'), join(folder, 'npm'), {
    recursive: true,
    dereference: true,
  });
  writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
}

/**
 * @param {string} program
 * @param {string[]} args
 */
async function run(program, args) {
  const finished = await runCommand(program, args);
  if (finished.code !== 0) throw new Error(`${program} failed: ${lastLine(finished)}`);
  return finished.stdout;
}

/**
 * "bookworm", "noble": what mmdebstrap calls a release.
 * @param {string} text  of /etc/os-release
 */
function releaseOf(text) {
  const name = /^VERSION_CODENAME=(\w+)$/m.exec(text)?.[1];
  if (name === undefined) throw new Error('a base image can be made on Debian and Ubuntu only: use BASE');
  return name;
}
