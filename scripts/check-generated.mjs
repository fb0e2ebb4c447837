// @ts-check
// Says whether the committed code in proto/src/gen is what buf makes of the .proto files now.
// In: run from the clone's root through npm (buf on the PATH). Out: exit code 1 and the files that differ.

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { runCommand } from './setup/run-command.mjs';

const GENERATED = join('proto', 'src', 'gen');

const folder = mkdtempSync(join(tmpdir(), 'bagfleet-generated-'));
try {
  const made = await runCommand('buf', ['generate', '--output', folder]);
  if (made.code !== 0) throw new Error(`buf generate failed: ${made.stderr}`);
  const different = differences(filesBelow(join(folder, GENERATED)), filesBelow(GENERATED));
  for (const name of different)
    console.error(`${join(GENERATED, name)} is not current: run \`npm run generate\`.`);
  process.exitCode = different.length > 0 ? 1 : 0;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/**
 * Names that only one side has or whose contents differ.
 * @param {Map<string, string>} expected
 * @param {Map<string, string>} actual
 */
function differences(expected, actual) {
  const names = [...new Set([...expected.keys(), ...actual.keys()])].sort();
  return names.filter((name) => expected.get(name) !== actual.get(name));
}

/**
 * @param {string} root
 * @returns {Map<string, string>} contents by path relative to the root
 */
function filesBelow(root) {
  const files = readdirSync(root, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [relative(root, path), readFileSync(path, 'utf8')]));
}
