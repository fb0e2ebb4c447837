/** `bagfleet data cache`, over a folder that a worker's cache filled. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DiskCache } from '@bagfleet/worker/data/disk-cache/disk-cache';
import { runCli } from '../../support/run-cli.js';
import { tempFolder } from '../../support/temp-folder.js';

describe('data cache', function () {
  this.timeout(60_000);
  const temp = tempFolder();

  it('says what a cache holds, empties it, and leaves other files alone', async () => {
    const folder = join(temp.path, 'cache');
    const cache = new DiskCache({ folder, limit: 1e6, place: 's3://bags/slides' });
    await cache.put('a.npy', 'v1', new Uint8Array(100));
    await cache.put('b.npy', 'v1', new Uint8Array(200));
    await cache.settled();
    writeFileSync(join(folder, 'notes.txt'), 'mine');
    const run = async (...words: string[]) => {
      const { code, stdout, stderr } = await runCli(['data', 'cache', ...words, '--json'], {
        cwd: temp.path,
      });
      assert.equal(code, 0, stderr);
      return JSON.parse(stdout) as Record<string, unknown>;
    };
    const listed = await run('list', 'cache');
    assert.deepEqual([listed.entries, listed.bytes], [2, 316]);
    assert.ok(Date.parse(String(listed.leastRecentlyUsed)) <= Date.parse(String(listed.mostRecentlyUsed)));
    assert.deepEqual(await run('clear', 'cache'), { folder, entries: 2, bytes: 316 });
    assert.deepEqual((await run('list', 'cache')).entries, 0);
    assert.ok(existsSync(join(folder, 'notes.txt')));
    const { stdout } = await runCli(['data', 'cache', 'list', 'nowhere'], { cwd: temp.path });
    assert.match(stdout, /^0 objects, 0 B in .*nowhere\n$/);
  });
});
