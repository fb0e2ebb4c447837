/** The fixtures of a bag format: what the original tool wrote, and what it reads from it. */
import { readFileSync } from 'node:fs';
import type { ExpectedBag, FormatFile } from './bag-format-contract.js';

export interface BagFixtures {
  /** Those of expected.json. */
  readonly bags: readonly FormatFile[];
  /** Any file of the folder, without its ending. */
  bytes(name: string): Uint8Array;
}

/** `folder` below test/fixtures. */
export function bagFixtures(folder: string, suffix: string): BagFixtures {
  const url = new URL(`../fixtures/${folder}/`, import.meta.url);
  const bytes = (name: string) => new Uint8Array(readFileSync(new URL(`${name}${suffix}`, url)));
  const { files } = JSON.parse(readFileSync(new URL('expected.json', url), 'utf8')) as {
    files: Record<string, ExpectedBag>;
  };
  return {
    bags: Object.entries(files).map(([name, expected]) => ({ name, bytes: bytes(name), expected })),
    bytes,
  };
}
