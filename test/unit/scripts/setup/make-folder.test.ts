/** A folder of the cache is whole or absent, whoever makes it at the same time. */
import assert from 'node:assert/strict';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isWhole } from '../../../../scripts/setup/folder-stamp.mjs';
import { makeFolder } from '../../../../scripts/setup/make-folder.mjs';

const origin = { wheel: 'one' };

describe('making a folder of the cache', () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'bagfleet-make-folder-'));
    folder = join(root, 'cache', 'libraries');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('fills it, stamps it, and lets everybody read it', async () => {
    await makeFolder(folder, origin, fillWith('content'));
    assert.ok(isWhole(folder, origin));
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'content');
    assert.equal(statSync(folder).mode & 0o777, 0o755);
  });

  it('does nothing the second time', async () => {
    await makeFolder(folder, origin, fillWith('content'));
    await makeFolder(folder, origin, () => assert.fail('it was filled again'));
  });

  it('makes it anew if a file was cut short, is missing, or the origin changed', async () => {
    await makeFolder(folder, origin, fillWith('content'));
    truncateSync(join(folder, 'file'), 3);
    await makeFolder(folder, origin, fillWith('mended'));
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'mended');

    rmSync(join(folder, 'file'));
    await makeFolder(folder, origin, fillWith('again'));
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'again');

    await makeFolder(folder, { wheel: 'two' }, fillWith('newer'));
    assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'newer');
    assert.deepEqual(readdirSync(join(root, 'cache')), ['libraries']);
  });

  it('leaves nothing behind when filling fails', async () => {
    const failing = makeFolder(folder, origin, async (unfinished) => {
      writeFileSync(join(unfinished, 'file'), 'half');
      throw new Error('no room');
    });
    await assert.rejects(failing, /no room/);
    assert.deepEqual(readdirSync(join(root, 'cache')), []);
  });

  it('gives one whole folder to several who make it at once', async () => {
    const makers = [5, 1, 3, 4, 2].map((delay) =>
      makeFolder(folder, origin, async (unfinished) => {
        writeFileSync(join(unfinished, 'file'), `from ${delay}`);
        await sleep(delay);
      }),
    );
    await Promise.all(makers);
    assert.ok(isWhole(folder, origin));
    assert.match(readFileSync(join(folder, 'file'), 'utf8'), /^from \d$/);
    assert.deepEqual(readdirSync(join(root, 'cache')), ['libraries']);
  });
});

function fillWith(text: string): (unfinished: string) => Promise<void> {
  return async (unfinished) => writeFileSync(join(unfinished, 'file'), text);
}
