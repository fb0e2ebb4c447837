// Runs one bagfleet command of the demo and shows it.
// In: its words. Out: what it printed with --json, parsed; a command that fails ends the demo with its exit code.

import { spawn } from 'node:child_process';
import { join } from 'node:path';

/**
 * @param {string} clone
 * @param {(string | number)[]} words
 * @param {{ env: Record<string, string>, json: boolean }} how
 */
export async function bagfleet(clone, words, { env, json }) {
  const shown = words.map((word) => (/[\s*]/.test(String(word)) ? `'${word}'` : word)).join(' ');
  if (!json) console.error(`\n$ bagfleet ${shown}`);
  const child = spawn(process.execPath, [join(clone, 'bin', 'bagfleet.js'), ...words.map(String), '--json'], {
    cwd: clone,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Ctrl-C reaches the child too: it ends its run in good order, then so do we, by its exit code.
  const wait = () => {};
  process.on('SIGINT', wait);
  const [output, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  process.off('SIGINT', wait);
  if (code !== 0) process.exit(code ?? 1);
  return JSON.parse(output.join(''));
}
