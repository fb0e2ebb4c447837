// @ts-check
// A stamp tells a whole folder from a broken one: it lists each file's size and is written last.
// In: a folder. Out: whether the folder is what was stamped.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const STAMP = 'stamp.json';

/**
 * @param {string} folder
 * @param {Record<string, string>} origin  what the files were made from
 */
export function stampFolder(folder, origin) {
  const files = Object.fromEntries(
    filesBelow(folder).map((path) => [relative(folder, path), statSync(path).size]),
  );
  writeFileSync(join(folder, STAMP), `${JSON.stringify({ origin, files }, null, 2)}\n`);
}

/**
 * True if the folder was stamped with this origin and every file still has its size.
 * @param {string} folder
 * @param {Record<string, string>} origin
 * @returns {boolean}
 */
export function isWhole(folder, origin) {
  try {
    const stamp = JSON.parse(readFileSync(join(folder, STAMP), 'utf8'));
    if (JSON.stringify(stamp.origin) !== JSON.stringify(origin)) return false;
    return Object.entries(stamp.files).every(([name, size]) => statSync(join(folder, name)).size === size);
  } catch {
    return false;
  }
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name !== STAMP)
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
