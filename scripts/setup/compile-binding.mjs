// @ts-check
// Compiles tfjs-node's own C++ sources against the pinned TensorFlow, and a small library that keeps its loading quiet.
// In: the clone's node_modules and the folder with TensorFlow's libraries. Out: the two files, in a folder.
//
// The package's installer would download TensorFlow 2.9.1 from outside the package registries instead.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { textDigest } from './file-digest.mjs';
import { MissingPart } from './missing-part.mjs';
import { lastLine, runCommand } from './run-command.mjs';
import { say } from './say.mjs';

export const BINDING = 'tfjs_binding.node';
export const QUIET_LOAD = 'libbagfleet_quiet_load.so';

/** The highest version of Node-API that the sources ask for; every supported Node has it. */
export const NODE_API_VERSION = 8;

const OWN_SOURCES = fileURLToPath(new URL('./native', import.meta.url));
const COMMON = ['-std=c++17', '-O2', '-fPIC', '-shared'];

/**
 * @param {string} nodeModules
 * @param {string} libraries  folder with TensorFlow's libraries and include/
 * @param {string} folder     where the two files go
 * @returns {Promise<void>}
 */
export async function compileBinding(nodeModules, libraries, folder) {
  await requireCompiler();
  say('Compiling the binding between Node and TensorFlow');
  await compile(quietLoadArguments(folder));
  await compile(bindingArguments(nodeModules, libraries, folder));
}

export async function requireCompiler() {
  if ((await runCommand('g++', ['--version'])).code === 0) return;
  throw new MissingPart(
    'g++ is not installed',
    'Install it (on Debian and Ubuntu: `apt install g++`) and run `npm run setup` again',
  );
}

/** Changes with the sources and with how they are compiled. */
export function compilationDigest() {
  const sources = readdirSync(OWN_SOURCES).sort();
  const texts = sources.map((name) => readFileSync(join(OWN_SOURCES, name), 'utf8'));
  return textDigest(JSON.stringify([texts, quietLoadArguments(''), bindingArguments('', '', '')]));
}

/** @param {string[]} args */
async function compile(args) {
  const compiled = await runCommand('g++', args);
  if (compiled.code === 0) return;
  throw new MissingPart(`g++ could not compile the binding: ${lastLine(compiled)}`, 'Install g++ 9 or later');
}

/**
 * `initfirst`: its constructor runs before TensorFlow's.
 * @param {string} folder
 */
function quietLoadArguments(folder) {
  return [...COMMON, '-Wl,-z,initfirst', join(OWN_SOURCES, 'quiet-load.cc'), '-o', join(folder, QUIET_LOAD)];
}

/**
 * `nodelete`: a thread that ends must not unload TensorFlow, whose own threads would go on without their code.
 * @param {string} nodeModules
 * @param {string} libraries
 * @param {string} folder
 */
function bindingArguments(nodeModules, libraries, folder) {
  const tfjsNode = join(nodeModules, '@tensorflow', 'tfjs-node');
  const headers = [tfjsNode, join(libraries, 'include'), join(nodeModules, 'node-api-headers', 'include')];
  const sources = ['tfjs_backend.cc', 'tfjs_binding.cc'].map((name) => join(tfjsNode, 'binding', name));
  return [
    ...[...COMMON, `-DNAPI_VERSION=${NODE_API_VERSION}`],
    ...headers.map((header) => `-I${header}`),
    ...[...sources, join(OWN_SOURCES, 'quiet-load-end.cc')],
    ...['-o', join(folder, BINDING)],
    ...[`-L${folder}`, `-l:${QUIET_LOAD}`],
    ...[`-L${libraries}`, '-l:libtensorflow_cc.so.2', '-l:libtensorflow_framework.so.2'],
    ...['-Wl,-rpath,$ORIGIN', `-Wl,-rpath,${libraries}`, '-Wl,-z,nodelete'],
  ];
}
