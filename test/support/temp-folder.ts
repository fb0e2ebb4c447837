/**
 * A folder for the files of one test.
 * In: called inside a `describe`. Out: before each test an empty folder is there, after it, it is gone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempFolder {
  readonly path: string;
}

export function tempFolder(): TempFolder {
  let path: string | null = null;
  beforeEach(() => {
    path = makeTempFolder();
  });
  afterEach(() => {
    if (path !== null) removeTempFolder(path);
    path = null;
  });
  return {
    get path() {
      if (path === null) throw new Error('the temp folder is there during a test only');
      return path;
    },
  };
}

export function makeTempFolder(): string {
  return mkdtempSync(join(tmpdir(), 'bagfleet-test-'));
}

export function removeTempFolder(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}
