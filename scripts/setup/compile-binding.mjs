// Compiles tfjs-node's own C++ sources against the pinned TensorFlow: one call of g++.
// In: the clone's node_modules and the folder with TensorFlow's libraries. Out: tfjs_binding.node in a folder.
//
// The package's installer would download TensorFlow 2.9.1 from outside the package registries instead.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { MissingPart } from './missing-part.mjs';
import { lastLine, runCommand } from './run-command.mjs';
import { say } from './say.mjs';

/** The highest version of Node-API that the sources ask for; every supported Node has it. */
export const NODE_API_VERSION = 8;

/**
 * @param {string} nodeModules
 * @param {string} libraries  folder with the two libraries and include/
 * @param {string} output     file to write
 * @returns {Promise<void>}
 */
export async function compileBinding(nodeModules, libraries, output) {
  if ((await runCommand('g++', ['--version'])).code !== 0) {
    throw new MissingPart(
      'g++ is not installed',
      'Install it (on Debian and Ubuntu: `apt install g++`) and run `npm run setup` again',
    );
  }
  say('Compiling the binding between Node and TensorFlow');
  const compiled = await runCommand('g++', compilerArguments(nodeModules, libraries, output));
  if (compiled.code !== 0) {
    throw new MissingPart(
      `g++ could not compile the binding: ${lastLine(compiled)}`,
      'Install g++ 9 or later',
    );
  }
}

/**
 * @param {string} nodeModules
 * @param {string} libraries
 * @param {string} output
 */
function compilerArguments(nodeModules, libraries, output) {
  const packageFolder = join(nodeModules, '@tensorflow', 'tfjs-node');
  const headers = [
    packageFolder,
    join(libraries, 'include'),
    join(nodeModules, 'node-api-headers', 'include'),
  ];
  return [
    ...['-std=c++17', '-O2', '-fPIC', '-shared', `-DNAPI_VERSION=${NODE_API_VERSION}`],
    ...headers.map((folder) => `-I${folder}`),
    ...bindingSources(nodeModules),
    ...['-o', output],
    ...[
      `-L${libraries}`,
      '-l:libtensorflow_cc.so.2',
      '-l:libtensorflow_framework.so.2',
      `-Wl,-rpath,${libraries}`,
    ],
  ];
}

/**
 * @param {string} nodeModules
 * @returns {string[]}
 */
export function bindingSources(nodeModules) {
  const folder = join(nodeModules, '@tensorflow', 'tfjs-node', 'binding');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.cc'))
    .sort()
    .map((name) => join(folder, name));
}
