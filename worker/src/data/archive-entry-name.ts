/**
 * Names of entries of archives (ZIP, tar): refused if they lead out of the archive.
 */

/** What is wrong with a name, as words that go on from it; null for an honest one. */
export function wrongWithEntryName(name: string): string | null {
  if (name === '') return 'has no name';
  if (name.includes('\0')) return 'has a zero byte in its name';
  if (name.includes('\\')) return 'has a backslash in its name';
  if (name.startsWith('/') || /^[a-z]:/i.test(name)) return 'is named by an absolute path';
  if (name.split('/').includes('..')) return 'is named by a path that leads out of the archive';
  return null;
}
