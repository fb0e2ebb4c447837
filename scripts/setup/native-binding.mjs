// @ts-check
// Puts a working tfjs_binding.node into node_modules: from the cache folder, compiled once per machine.
// In: the clone, the cache folder, TensorFlow's libraries. Out: TensorFlow's version as the binding reports it.

import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BINDING,
  compilationDigest,
  compileBinding,
  NODE_API_VERSION,
  QUIET_LOAD,
} from './compile-binding.mjs';
import { textDigest } from './file-digest.mjs';
import { makeFolder } from './make-folder.mjs';
import { MissingPart } from './missing-part.mjs';
import { lastLine, runCommand } from './run-command.mjs';
import { say } from './say.mjs';

/** The library first: the binding cannot be loaded without it. */
const FILES = [QUIET_LOAD, BINDING];
const TRY = fileURLToPath(new URL('./try-binding.cjs', import.meta.url));

/**
 * @typedef {{ clone: string, cache: string, libraries: string, glibc: string | undefined }} Place
 */

/**
 * A binding that does not load (the compiler's libraries changed, say) is compiled once more.
 * @param {Place} place
 * @returns {Promise<string>} TensorFlow's version
 */
export async function nativeBinding(place) {
  const first = await installAndTry(place);
  if (first.code === 0) return first.stdout.trim();

  say(`The binding does not load (${lastLine(first)})`);
  rmSync(compiledFolder(place), { recursive: true, force: true });
  const second = await installAndTry(place);
  if (second.code === 0) return second.stdout.trim();
  throw new MissingPart(
    `the binding does not load: ${lastLine(second)}`,
    `Remove ${place.cache} and run \`npm run setup\` again`,
  );
}

/**
 * Removes the binding, so that the worker chooses WebAssembly instead of failing.
 * @param {string} clone
 */
export function uninstall(clone) {
  for (const file of FILES) rmSync(join(installFolder(clone), file), { force: true });
}

/** @param {Place} place */
async function installAndTry(place) {
  const compiled = compiledFolder(place);
  await makeFolder(compiled, originOf(place), (unfinished) =>
    compileBinding(join(place.clone, 'node_modules'), place.libraries, unfinished),
  );
  for (const file of FILES) install(join(compiled, file), join(installFolder(place.clone), file));
  return runCommand(process.execPath, ['--no-deprecation', TRY], { cwd: place.clone });
}

/** @param {Place} place */
function compiledFolder(place) {
  return join(place.cache, `binding-${textDigest(JSON.stringify(originOf(place))).slice(0, 16)}`);
}

/**
 * All that the compiled file depends on. The libraries' path is part of it: it is the file's run path.
 * @param {Place} place
 */
function originOf({ clone, libraries, glibc }) {
  const description = readFileSync(
    join(clone, 'node_modules', '@tensorflow', 'tfjs-node', 'package.json'),
    'utf8',
  );
  return {
    tfjsNode: String(JSON.parse(description).version),
    libraries,
    arch: process.arch,
    glibc: glibc ?? 'unknown',
    compilation: compilationDigest(),
  };
}

/** @param {string} clone */
function installFolder(clone) {
  return join(clone, 'node_modules', '@tensorflow', 'tfjs-node', 'lib', `napi-v${NODE_API_VERSION}`);
}

/**
 * Copies under another name and renames, so that a process which has the old file open keeps it whole.
 * @param {string} from
 * @param {string} to
 */
function install(from, to) {
  if (sameContent(from, to)) return;
  mkdirSync(join(to, '..'), { recursive: true });
  const unfinished = `${to}.${process.pid}`;
  copyFileSync(from, unfinished);
  renameSync(unfinished, to);
}

/**
 * @param {string} a
 * @param {string} b
 */
function sameContent(a, b) {
  try {
    return readFileSync(a).equals(readFileSync(b));
  } catch {
    return false;
  }
}
