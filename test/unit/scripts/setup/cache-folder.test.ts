/** Set-up and the worker agree on where the cache is. */
import assert from 'node:assert/strict';
import { cacheFolder as workersFolder } from '@bagfleet/worker/engine/inspect-machine';
import fc from 'fast-check';
import { cacheFolder } from '../../../../scripts/setup/cache-folder.mjs';

describe('the cache folder', () => {
  it('is BAGFLEET_CACHE, else in XDG_CACHE_HOME, else in the home folder', () => {
    const home = { HOME: '/home/ada' };
    assert.equal(cacheFolder(home), '/home/ada/.cache/bagfleet');
    assert.equal(cacheFolder({ ...home, XDG_CACHE_HOME: '/var/cache' }), '/var/cache/bagfleet');
    assert.equal(cacheFolder({ ...home, XDG_CACHE_HOME: '/var/cache', BAGFLEET_CACHE: '/big' }), '/big');
  });

  it('is the same for set-up and for the worker', () => {
    const path = fc.option(fc.stringMatching(/^\/?[a-z]{0,5}(\/[a-z]{1,5}){0,2}$/), { nil: undefined });
    const environment = fc.record({ BAGFLEET_CACHE: path, XDG_CACHE_HOME: path, HOME: path });
    fc.assert(fc.property(environment, (env) => assert.equal(cacheFolder(env), workersFolder(env))));
  });
});
