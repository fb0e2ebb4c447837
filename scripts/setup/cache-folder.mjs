// @ts-check
// The one folder outside the clone that set-up writes to: TensorFlow's libraries and the compiled binding.
// In: environment variables. Out: an absolute path.

import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * `$BAGFLEET_CACHE`, else `$XDG_CACHE_HOME/bagfleet`, else `~/.cache/bagfleet`.
 * @param {Record<string, string | undefined>} [env]
 * @returns {string}
 */
export function cacheFolder(env = process.env) {
  if (env.BAGFLEET_CACHE) return resolve(env.BAGFLEET_CACHE);
  if (env.XDG_CACHE_HOME) return resolve(env.XDG_CACHE_HOME, 'bagfleet');
  return join(env.HOME || homedir(), '.cache', 'bagfleet');
}
