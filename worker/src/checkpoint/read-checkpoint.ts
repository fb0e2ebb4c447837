/**
 * Reads a checkpoint, each file verified against its manifest before a byte of it is used.
 * In: a located checkpoint, the layout of the model. Out: flat buffers in shared memory.
 * Errors: `checkpoint-corrupt` (names the file, both digests), `state-mismatch` (another model's checkpoint).
 */
import type { CheckpointManifest, Progress } from '@bagfleet/proto/checkpoint-manifest';
import type { SharedFloats } from '../engine/compute-protocol.js';
import { codeOf } from '../storage/store-errors.js';
import type { ParameterLayout } from '../train/parameter-layout.js';
import { corruptFile, MANIFEST_FILE, MODEL_FILE, OPTIMIZER_FILE, sha256Of } from './checkpoint-files.js';
import { demandAllUsed, flatOf } from './flat-tensors.js';
import type { LocatedCheckpoint } from './locate-checkpoint.js';
import { readSafetensors, type TensorFile } from './read-safetensors.js';
import { stateDigest } from './state-digest.js';
import { stateBuffers } from './stored-buffers.js';

export interface TrainedParameters {
  readonly manifest: CheckpointManifest;
  /** [layout.length], padding zero; for inference the average of the weights, where the job keeps one. */
  readonly parameters: SharedFloats;
}

export interface StoredState extends TrainedParameters {
  readonly progress: Progress;
  /** Each [layout.length]; their names are all that the files have. */
  readonly moments: Readonly<Record<string, SharedFloats>>;
}

/** All that training goes on from. */
export async function readCheckpoint(
  place: LocatedCheckpoint,
  layout: ParameterLayout,
): Promise<StoredState> {
  const { manifest, parameters: model } = await readParameters(place, layout);
  const { progress } = manifest;
  const source = `${place.uri}/${OPTIMIZER_FILE}`;
  const { tensors } = await readTensors(place, OPTIMIZER_FILE);
  const names = [...new Set([...tensors.keys()].map((name) => name.slice(0, name.indexOf('.'))))].sort();
  demandAllUsed(
    layout,
    tensors,
    source,
    names.map((name) => `${name}.`),
  );
  const optimizer = Object.fromEntries(
    names.map((name) => [name, flatOf(layout, tensors, source, `${name}.`)]),
  );
  const { parameters, moments } = stateBuffers({ model, optimizer });
  demandDigest(place, stateDigest({ layout, parameters, moments, progress }));
  return { manifest, parameters, moments, progress };
}

/** What inference needs: the optimizer's file is not fetched. */
export async function readParameters(
  place: LocatedCheckpoint,
  layout: ParameterLayout,
): Promise<TrainedParameters> {
  const source = `${place.uri}/${MODEL_FILE}`;
  const { tensors } = await readTensors(place, MODEL_FILE);
  demandAllUsed(layout, tensors, source);
  return { manifest: place.manifest, parameters: flatOf(layout, tensors, source) };
}

async function readTensors(place: LocatedCheckpoint, name: string): Promise<TensorFile> {
  return readSafetensors(await readVerified(place, name), `${place.uri}/${name}`);
}

/** A file's bytes, if they are what the manifest says. */
export async function readVerified(
  { store, folder, uri, manifest }: LocatedCheckpoint,
  name: string,
): Promise<Uint8Array> {
  const source = `${uri}/${name}`;
  const listed = manifest.files.find((file) => file.name === name);
  if (listed === undefined) throw corruptFile(`${uri}/${MANIFEST_FILE}`, `it does not list ${name}`);
  const bytes = await bytesOf(store.get(`${folder}${name}`), source);
  if (bytes.length !== listed.bytes)
    throw corruptFile(source, `it has ${bytes.length} bytes, its manifest expects ${listed.bytes}`);
  const actual = sha256Of(bytes);
  if (actual !== listed.sha256)
    throw corruptFile(source, `its sha256 is ${actual}, its manifest expects ${listed.sha256}`);
  return bytes;
}

async function bytesOf(got: Promise<{ bytes: Uint8Array }>, source: string): Promise<Uint8Array> {
  try {
    return (await got).bytes;
  } catch (error) {
    if (codeOf(error) !== 'store-missing') throw error;
    throw corruptFile(source, 'it is missing, though the manifest lists it', error);
  }
}

/** The digest that the workers had agreed on: it sees what no file's digest sees, such as an edited manifest. */
export function demandDigest({ uri, manifest }: LocatedCheckpoint, actual: string): void {
  if (actual === manifest.stateDigest) return;
  throw corruptFile(
    `${uri}/${MANIFEST_FILE}`,
    `the state's digest is ${actual}, it expects ${manifest.stateDigest}`,
  );
}
