// @ts-check
// Runs another program for set-up.
// In: a program and its arguments. Out: exit code and what it printed; a program that is not there gives code 127.

import { spawn } from 'node:child_process';

/**
 * @typedef {{ code: number, stdout: string, stderr: string }} Finished
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, show?: boolean }} How  `show` passes its output through
 */

/**
 * @param {string} program
 * @param {string[]} args
 * @param {How} [how]
 * @returns {Promise<Finished>}
 */
export function runCommand(program, args, how = {}) {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: how.cwd,
      env: how.env ?? process.env,
      stdio: how.show === true ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: String(error) }));
    child.on('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

/**
 * The last line that says something, for messages that quote another program.
 * @param {Finished} finished
 */
export function lastLine({ stdout, stderr }) {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  return (lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? 'it said nothing').trim();
}
