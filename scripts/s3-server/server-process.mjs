// A server as a child process that ends when we end, however we end.
// In: program, arguments, environment, its log file. Out: whether it runs, and a way to stop it.
//
// A shell stands between: it waits for the end of its input, which comes when we close the pipe or die,
// and then kills the server and removes what it leaves lying about. We could not, if we were killed ourselves.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';

const WATCH =
  'exec 3<&0; "$@" </dev/null & server=$!; (read -r _ <&3; kill -9 $server) 2>/dev/null & wait $server; rm -f';

/**
 * @typedef {object} ServerProcess
 * @property {() => boolean} hasEnded
 * @property {() => string} lastWords  the last lines of its log
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, log: string, leaves?: string[] }} how
 *   `leaves`: files outside its folder, named without spaces or quotes
 * @returns {ServerProcess}
 */
export function serverProcess(program, args, how) {
  const log = openSync(how.log, 'a');
  const watcher = spawn('/bin/sh', ['-c', [WATCH, ...(how.leaves ?? [])].join(' '), 'sh', program, ...args], {
    cwd: how.cwd,
    env: how.env,
    stdio: ['pipe', log, log],
    detached: true, // a Ctrl-C in the terminal is for us; the server lives until we stop it
  });
  closeSync(log);
  const ended = once(watcher, 'exit');
  watcher.stdin?.on('error', () => {});
  watcher.once('exit', () => watcher.stdin?.end());
  watcher.unref();
  return {
    hasEnded: () => watcher.exitCode !== null || watcher.signalCode !== null,
    lastWords: () => readFileSync(how.log, 'utf8').trimEnd().split('\n').slice(-5).join('\n'),
    async stop() {
      watcher.ref();
      watcher.stdin?.end();
      await ended;
    },
  };
}
