/**
 * Which name a pseudonym stands for, in a file of its own, for its owner's eyes only.
 * In: a path, pseudonyms. Out: a CSV file with all that it knew before and what is new, mode 0600. It never lies in the
 * dataset's folder.
 */
import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { Pseudonym } from './pseudonymize.js';

const HEADER = 'kind,pseudonym,name';

/** `folder` is the dataset's, a path or URI. */
export function refuseMapInside(path: string, folder: string): void {
  if (/^[a-z0-9]+:\/\//i.test(folder)) return;
  const way = relative(resolve(folder), resolve(path));
  if (way.startsWith('..') || isAbsolute(way)) return;
  throw new BagfleetError('usage', "it would lie in the dataset's folder", {
    culprit: `--map ${path}`,
    hint: 'Keep it apart from the data.',
  });
}

export async function addToMap(path: string, names: readonly Pseudonym[]): Promise<void> {
  const before = await readFile(path, 'utf8').catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === 'ENOENT') return `${HEADER}\n`;
    throw unusable(path, `it can't be read (${thrown.code})`, thrown);
  });
  if (!before.startsWith(`${HEADER}\n`)) throw unusable(path, 'it is no map of pseudonyms');
  const lines = new Set(before.trimEnd().split('\n').slice(1));
  for (const { kind, pseudonym, name } of names) lines.add(`${kind},${pseudonym},${quoted(name)}`);
  const draft = `${path}.${process.pid}.draft`;
  try {
    await writeFile(draft, `${[HEADER, ...lines].join('\n')}\n`, { mode: 0o600 });
    await rename(draft, path);
  } catch (thrown) {
    const reason = (thrown as NodeJS.ErrnoException).code;
    throw unusable(path, `it can't be written to ${dirname(path)} (${reason})`, thrown);
  }
}

function quoted(name: string): string {
  return /[",\r\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

function unusable(path: string, message: string, cause?: unknown): BagfleetError {
  return new BagfleetError('usage', message, {
    culprit: `--map ${path}`,
    hint: 'Name a file that is not there yet, or one that `data index --pseudonymize` has written.',
    ...(cause === undefined ? {} : { cause }),
  });
}
