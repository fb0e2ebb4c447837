// Brings a fresh clone to where bagfleet runs: the set-up of `npm run setup`, told on stderr, so that stdout
// stays the demo's.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** @param {string} clone */
export async function setUp(clone) {
  const child = spawn(process.execPath, [join(clone, 'scripts', 'setup', 'setup.mjs')], {
    cwd: clone,
    stdio: ['ignore', process.stderr, process.stderr],
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) process.exit(code ?? 1);
}
