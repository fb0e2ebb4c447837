/**
 * Which library decodes images, without loading it: part of a worker's fingerprint, since another build could round
 * the colours of a JPEG differently.
 */
import { readFileSync } from 'node:fs';

/** "sharp 0.35.5", which brings its own libvips of one version. */
export function imageDecoderVersion(): string {
  const { version } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.resolve('sharp')), 'utf8'),
  ) as { version: string };
  return `sharp ${version}`;
}
