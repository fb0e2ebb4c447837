/**
 * What lies below a folder on disk, as keys in the order of their UTF-8 bytes.
 * In: a root folder and a prefix. Out: keys with their files, one by one; names of sub-folders that hold some.
 */
import type { BigIntStats } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { orElse } from './local-errors.js';
import { compareKeys, WORKING_PREFIX } from './object-key.js';

export interface FoundFile {
  readonly key: string;
  readonly status: BigIntStats;
}

/** Files whose key begins with `prefix`. What vanishes while we look is left out. */
export async function* filesBelow(root: string, prefix: string): AsyncGenerator<FoundFile> {
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  yield* walk(root, folder, prefix.slice(folder.length), []);
}

/** Names of the folders right below `prefix` that hold at least one file, however deep; sorted. */
export async function foldersBelow(root: string, prefix: string): Promise<string[]> {
  const names: string[] = [];
  const above = await realFolders(root, prefix);
  for (const { name, isFolder } of await entriesOf(root, prefix))
    if (isFolder && !(await walk(root, `${prefix}${name}/`, '', above).next()).done) names.push(name);
  return names;
}

/** The real paths of the root and of each folder on the way down to `prefix`. */
async function realFolders(root: string, prefix: string): Promise<string[]> {
  const parts = prefix.split('/');
  const paths = parts.map((_, depth) => join(root, ...parts.slice(0, depth)));
  return Promise.all(paths.map((path) => orElse(realpath(path), ['ENOENT', 'ENOTDIR', 'ELOOP'], path)));
}

/** `above` are the real paths of the folders that we are in: a link back to one of them is not followed. */
async function* walk(
  root: string,
  folder: string,
  nameBegins: string,
  above: readonly string[],
): AsyncGenerator<FoundFile> {
  const here = await orElse(realpath(join(root, folder)), ['ENOENT', 'ENOTDIR', 'ELOOP'], null);
  if (here === null || above.includes(here)) return;
  for (const { name, isFolder, status } of await entriesOf(root, folder)) {
    if (!name.startsWith(nameBegins)) continue;
    if (isFolder) yield* walk(root, `${folder}${name}/`, '', [...above, here]);
    else yield { key: `${folder}${name}`, status };
  }
}

interface Entry {
  readonly name: string;
  readonly isFolder: boolean;
  readonly status: BigIntStats;
}

/** In the order of the keys below them: a folder sorts as its name and a slash. */
async function entriesOf(root: string, folder: string): Promise<Entry[]> {
  const path = join(root, folder);
  const names = await orElse(readdir(path), ['ENOENT', 'ENOTDIR'], []);
  const entries: Entry[] = [];
  for (const name of names) {
    if (name.startsWith(WORKING_PREFIX)) continue;
    const status = await orElse(stat(join(path, name), { bigint: true }), ['ENOENT', 'ELOOP'], null);
    if (status?.isFile() || status?.isDirectory())
      entries.push({ name, isFolder: status.isDirectory(), status });
  }
  const sortKey = ({ name, isFolder }: Entry) => (isFolder ? `${name}/` : name);
  return entries.sort((a, b) => compareKeys(sortKey(a), sortKey(b)));
}
