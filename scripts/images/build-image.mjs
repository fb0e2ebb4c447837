// @ts-check
// One image from k8s/images, of the clone as it is built now.
// In: the Dockerfile's name, a program that builds, build arguments, the image's name. Out: the image is in the
// program's storage. A layer that did not change is taken from the last build.

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lastLine, runCommand } from '../setup/run-command.mjs';

const CLONE = fileURLToPath(new URL('../..', import.meta.url));
/** Proxies and mirrors that the machine uses: npm and pip need them inside the build as well. */
const PASSED_ON = ['PIP_INDEX_URL'];
const CERTIFICATES = ['NODE_EXTRA_CA_CERTS', 'PIP_CERT'];

/**
 * @typedef {object} ImageBuild
 * @property {string} dockerfile  worker-cpu, for instance
 * @property {string[]} program   buildah, podman or docker, with what stands before its command
 * @property {Record<string, string>} buildArguments
 * @property {string} image
 * @property {string} [target]    the last stage to build, if not all
 * @property {boolean} [show]     pass the program's output through
 *
 * @param {ImageBuild} build
 * @returns {Promise<void>}
 */
export async function buildImage({ dockerfile, program, buildArguments, image, target, show = false }) {
  const [file = '', ...before] = program;
  const args = [
    ...[
      ...before,
      'build',
      '--file',
      join(CLONE, 'k8s', 'images', `${dockerfile}.Dockerfile`),
      '--tag',
      image,
    ],
    ...(target === undefined ? [] : ['--target', target]),
    ...(file === 'docker' ? [] : ['--layers', ...isolation(), ...certificates()]),
    ...buildArgs({ ...passedOn(), ...buildArguments }),
    CLONE,
  ];
  const finished = await runCommand(file, args, { show });
  if (finished.code !== 0) throw new Error(`${file} could not build ${dockerfile}: ${lastLine(finished)}`);
}

/** As root without a daemon, also where containers may not be nested. */
function isolation() {
  return process.getuid?.() === 0 ? ['--isolation', 'chroot'] : [];
}

function certificates() {
  const paths = new Set(CERTIFICATES.flatMap((name) => process.env[name] ?? []));
  return [...paths].flatMap((path) => ['--volume', `${path}:${path}:ro`]);
}

/** @returns {Record<string, string>} */
function passedOn() {
  const names = [...PASSED_ON, ...CERTIFICATES];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])));
}

/** @param {Record<string, string>} values */
function buildArgs(values) {
  return Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
}
