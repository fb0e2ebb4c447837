// @ts-check
// Compiles the TypeScript of all workspaces.
// In: the clone with its packages installed. Out: the dist folders; the compiler's own messages on failure.

import { join } from 'node:path';
import { runCommand } from './run-command.mjs';
import { say } from './say.mjs';

const WORKSPACES = ['proto', 'worker', 'orchestrator'];

/**
 * @param {string} clone
 * @returns {Promise<void>}
 */
export async function build(clone) {
  say('Compiling the TypeScript');
  const compiler = join(clone, 'node_modules', 'typescript', 'bin', 'tsc');
  const finished = await runCommand(process.execPath, [compiler, '-b', ...WORKSPACES], {
    cwd: clone,
    show: true,
  });
  if (finished.code !== 0) throw new Error('the TypeScript compiler failed (see above)');
}
