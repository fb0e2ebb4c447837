/** In: a program's name, or its path. Out: where it is; null if it is not installed. */
import { existsSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';

export function pathOf(program: string): string | null {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => resolve(folder, program)).find((path) => existsSync(path)) ?? null;
}
