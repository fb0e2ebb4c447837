// @ts-check
// `npm run images`: compiles the clone and builds its images with the first of buildah, podman and docker.
// In: names of images (all, if none), --tag, --base, --cuda, --debian. Out: bagfleet-<name>:<tag> in the program's storage.
//
//   npm run images -- worker-cpu --tag registry.example/bagfleet-worker-cpu:2026-05
//   npm run images -- --base node:20-bookworm-slim@sha256:…
//   npm run images -- orchestrator worker-cpu --debian    no registry within reach: a base from Debian's packages

import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { build } from '../setup/build.mjs';
import { say } from '../setup/say.mjs';
import { buildImage } from './build-image.mjs';
import { ownBuildah } from './buildah.mjs';
import { debianBase } from './debian-base.mjs';

const CLONE = fileURLToPath(new URL('../..', import.meta.url));
const NAMES = ['orchestrator', 'worker-cpu', 'worker-gpu'];
const PROGRAMS = ['buildah', 'podman', 'docker'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tag: { type: 'string' },
    base: { type: 'string' },
    cuda: { type: 'string' },
    debian: { type: 'boolean', default: false },
  },
});

try {
  await buildImages(positionals.length > 0 ? positionals : NAMES);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}

/** @param {string[]} names */
async function buildImages(names) {
  const unknown = names.find((name) => !NAMES.includes(name));
  if (unknown !== undefined) throw new Error(`there is no image ${unknown}: use ${NAMES.join(', ')}`);
  if (values.tag !== undefined && names.length > 1)
    throw new Error('--tag names one image: name one to build');
  // A base that was made here lies in our own storage of images, and what is built on it comes to lie there, too.
  const program = values.debian ? ownBuildah() : [programHere()];
  const base = values.debian ? await debianBase(say) : values.base;
  await build(CLONE);
  for (const name of names) {
    const image = values.tag ?? `bagfleet-${name}:${version()}`;
    say(`Building ${image}`);
    const buildArguments = argumentsOf(name, base);
    await buildImage({ dockerfile: name, program, buildArguments, image, show: true });
  }
}

/**
 * The GPU image takes Node from its base and all else from CUDA's.
 * @param {string} name
 * @param {string | undefined} base
 * @returns {Record<string, string>}
 */
function argumentsOf(name, base) {
  const cuda = name === 'worker-gpu' && values.cuda !== undefined ? { CUDA: values.cuda } : {};
  if (base === undefined) return cuda;
  return name === 'worker-gpu' ? { NODE: base, ...cuda } : { BASE: base };
}

function programHere() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = PROGRAMS.find((program) => folders.some((folder) => existsSync(join(folder, program))));
  if (found === undefined) throw new Error(`images are built by one of ${PROGRAMS.join(', ')}: install one`);
  return found;
}

function version() {
  return String(JSON.parse(readFileSync(join(CLONE, 'package.json'), 'utf8')).version);
}
