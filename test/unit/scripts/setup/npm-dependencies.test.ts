/** When set-up installs the npm packages again: whenever they may not be what the lock file says. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isInstalled, stampOf } from '../../../../scripts/setup/npm-dependencies.mjs';

describe('the npm packages', () => {
  let clone: string;
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), 'bagfleet-packages-'));
    writeFileSync(join(clone, 'package-lock.json'), '{ "packages": {} }');
  });
  afterEach(() => rmSync(clone, { recursive: true }));

  function install(): void {
    mkdirSync(join(clone, 'node_modules'), { recursive: true });
    writeFileSync(join(clone, 'node_modules', '.bagfleet-installed'), stampOf(clone));
  }

  it('are not installed in a fresh clone, nor after an installation without a stamp', () => {
    assert.equal(isInstalled(clone), false);
    mkdirSync(join(clone, 'node_modules'));
    assert.equal(isInstalled(clone), false);
  });

  it('are installed once they are stamped', () => {
    install();
    assert.equal(isInstalled(clone), true);
  });

  it('are out of date when the lock file changes', () => {
    install();
    writeFileSync(join(clone, 'package-lock.json'), '{ "packages": { "": {} } }');
    assert.equal(isInstalled(clone), false);
  });
});
