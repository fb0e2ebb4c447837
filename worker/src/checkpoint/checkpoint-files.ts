/**
 * The files of a checkpoint's folder, and the manifest that makes them one.
 * In: bytes. Out: digests, a checked manifest, errors that name the file.
 */
import { createHash } from 'node:crypto';
import { type CheckpointManifest, checkpointManifestSchema } from '@bagfleet/proto/checkpoint-manifest';
import { BagfleetError } from '@bagfleet/proto/errors';
import { SCHEMA_VERSION } from '@bagfleet/proto/schema-version';
import type { ObjectStore } from '../storage/object-store.js';
import { codeOf } from '../storage/store-errors.js';

export const MODEL_FILE = 'model.safetensors';
export const OPTIMIZER_FILE = 'optimizer.safetensors';
export const MANIFEST_FILE = 'manifest.json';

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** An object of the run's folder, null if there is none. */
export async function getOrNull(
  run: ObjectStore,
  key: string,
): Promise<{ bytes: Uint8Array; etag: string } | null> {
  try {
    return await run.get(key);
  } catch (error) {
    if (codeOf(error) === 'store-missing') return null;
    throw error;
  }
}

/** `source` is the manifest's URI. */
export function parseManifest(bytes: Uint8Array, source: string): CheckpointManifest {
  const value = parseJson(bytes, source);
  const version = (value as { schemaVersion?: unknown } | null)?.schemaVersion;
  if (version !== undefined && version !== SCHEMA_VERSION)
    throw new BagfleetError(
      'peer-incompatible',
      `it is of schema version ${String(version)}, this bagfleet reads ${SCHEMA_VERSION}`,
      {
        culprit: source,
        hint: 'Use the version of bagfleet that wrote it.',
      },
    );
  const parsed = checkpointManifestSchema.safeParse(value);
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues;
    throw corruptFile(source, `field ${path.join('.') || '(the whole file)'}: ${message}`);
  }
  const names = parsed.data.files.map(({ name }) => name);
  for (const needed of [MODEL_FILE, OPTIMIZER_FILE])
    if (!names.includes(needed)) throw corruptFile(source, `it does not list ${needed}`);
  const odd = names.find(
    (name, at) => !/^[\w.-]+$/.test(name) || name.startsWith('.') || names.indexOf(name) !== at,
  );
  if (odd !== undefined)
    throw corruptFile(source, `it lists ${JSON.stringify(odd)}, which is no name of a file of its own`);
  return parsed.data;
}

function parseJson(bytes: Uint8Array, source: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw corruptFile(source, 'it is not JSON', cause);
  }
}

export function corruptFile(source: string, message: string, cause?: unknown): BagfleetError {
  return new BagfleetError('checkpoint-corrupt', message, {
    culprit: source,
    hint: 'Use another checkpoint: `bagfleet checkpoints list` names them, `bagfleet checkpoints verify` checks one.',
    cause,
  });
}
