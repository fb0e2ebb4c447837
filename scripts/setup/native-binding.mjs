// Puts a working tfjs_binding.node into node_modules: from the cache folder, compiled once per machine.
// In: the clone, the cache folder, TensorFlow's libraries. Out: TensorFlow's version as the binding reports it.

import { copyFileSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileBinding, NODE_API_VERSION } from './compile-binding.mjs';
import { textDigest } from './file-digest.mjs';
import { makeFolder } from './make-folder.mjs';
import { MissingPart } from './missing-part.mjs';
import { lastLine, runCommand } from './run-command.mjs';
import { say } from './say.mjs';

const FILE = 'tfjs_binding.node';
const TRY = fileURLToPath(new URL('./try-binding.cjs', import.meta.url));

/**
 * @param {string} clone
 * @param {string} cache
 * @param {string} libraries
 * @param {string | undefined} glibc
 * @returns {Promise<string>} TensorFlow's version
 */
export async function nativeBinding(clone, cache, libraries, glibc) {
  const nodeModules = join(clone, 'node_modules');
  const origin = bindingOrigin(nodeModules, libraries, glibc);
  const folder = join(cache, `binding-${textDigest(JSON.stringify(origin)).slice(0, 16)}`);
  const compile = (/** @type {string} */ into) => compileBinding(nodeModules, libraries, join(into, FILE));
  await makeFolder(folder, origin, compile);
  install(join(folder, FILE), nodeModules);

  const first = await tryBinding(clone);
  if (first.code === 0) return first.stdout.trim();
  say(`The binding in ${folder} does not load (${lastLine(first)}); compiling it again`);
  rmSync(folder, { recursive: true, force: true });
  await makeFolder(folder, origin, compile);
  install(join(folder, FILE), nodeModules);

  const second = await tryBinding(clone);
  if (second.code === 0) return second.stdout.trim();
  uninstall(nodeModules);
  throw new MissingPart(
    `the binding does not load: ${lastLine(second)}`,
    `Remove ${cache} and run \`npm run setup\` again`,
  );
}

/**
 * All that the compiled file depends on. The libraries' path is part of it: it is the file's run path.
 * @param {string} nodeModules
 * @param {string} libraries
 * @param {string | undefined} glibc
 */
function bindingOrigin(nodeModules, libraries, glibc) {
  const description = JSON.parse(
    readFileSync(join(nodeModules, '@tensorflow', 'tfjs-node', 'package.json'), 'utf8'),
  );
  return {
    tfjsNode: String(description.version),
    libraries,
    arch: process.arch,
    glibc: glibc ?? 'unknown',
    nodeApi: String(NODE_API_VERSION),
  };
}

/** @param {string} nodeModules */
function installedPath(nodeModules) {
  return join(nodeModules, '@tensorflow', 'tfjs-node', 'lib', `napi-v${NODE_API_VERSION}`, FILE);
}

/**
 * Copies under another name and renames, so that a process which has the old file open keeps it whole.
 * @param {string} from
 * @param {string} nodeModules
 */
function install(from, nodeModules) {
  const to = installedPath(nodeModules);
  if (sameFile(from, to)) return;
  mkdirSync(join(to, '..'), { recursive: true });
  const unfinished = `${to}.${process.pid}`;
  copyFileSync(from, unfinished);
  renameSync(unfinished, to);
}

/**
 * Removes the binding, so that the worker chooses WebAssembly instead of failing.
 * @param {string} nodeModules
 */
export function uninstall(nodeModules) {
  rmSync(installedPath(nodeModules), { force: true });
}

/**
 * @param {string} a
 * @param {string} b
 */
function sameFile(a, b) {
  try {
    return readFileSync(a).equals(readFileSync(b));
  } catch {
    return false;
  }
}

/** @param {string} clone */
function tryBinding(clone) {
  return runCommand(process.execPath, ['--no-deprecation', TRY], {
    cwd: clone,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
}
