/** `npm test` runs every test file of its four folders, and none of them twice. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, matchesGlob, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const FOLDERS = ['unit', 'scenarios', 'integration', 'e2e'];

describe('npm test', () => {
  it('runs each test file once', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: { test: string };
    };
    const globs = scripts.test.split(/[ ']+/).filter((word) => word.startsWith('test/'));
    const files = FOLDERS.flatMap((folder) =>
      readdirSync(join(ROOT, 'test', folder), { recursive: true, withFileTypes: true })
        .filter(({ name }) => name.endsWith('.test.ts'))
        .map(({ parentPath, name }) => relative(ROOT, join(parentPath, name))),
    );
    assert.ok(files.length > 200);
    for (const file of files)
      assert.equal(globs.filter((glob) => matchesGlob(file, glob)).length, 1, `${file} runs once`);
  });
});
