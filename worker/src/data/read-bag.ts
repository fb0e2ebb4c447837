/**
 * One bag from the store into memory that compute threads share.
 * In: the store of the dataset's folder and a manifest entry. Out: a Bag of finite values, or an error that names
 * the bag and its file and says what to do: bad input never trains.
 */
import { type BagEntry, type BagPart, type ObjectEntry, partsOf } from '@bagfleet/proto/dataset-manifest';
import type { GraphSpec } from '@bagfleet/proto/graph-spec';
import type { ObjectStore } from '../storage/object-store.js';
import type { Bag, BagContent } from './bag.js';
import { type BagFile, bagError } from './bag-file.js';
import { NO_CACHE, type ObjectCache } from './disk-cache/object-cache.js';
import { fetchObject, type ObjectSource } from './fetch-object.js';
import type { FileHeader } from './formats/bag-format.js';
import { requireFormat } from './formats/bag-formats.js';
import { bytesInMemory } from './formats/byte-sources.js';
import { edgesFromCoords } from './graph/edges-from-coords.js';
import { slidesOf } from './graph/slides-of.js';
import { type ContentRecord, MemoryContentRecord } from './integrity/content-record.js';
import { joinParts } from './join-parts.js';
import { mapAtMost } from './map-at-most.js';
import { readBeside } from './read-beside.js';
import { refuseNotFinite } from './refuse-not-finite.js';

const INDEX_AGAIN = 'If the file is right, build the manifest again with `bagfleet data index`.';

/** Tiles of a slide are many small objects, bound by round trips. */
const PARTS_AT_ONCE = 16;

export interface BagReader {
  read(entry: BagEntry, signal?: AbortSignal): Promise<Bag>;
}

/** A reader of one dataset's bags. */
export function bagReader(args: {
  store: ObjectStore;
  /** [features] or [height, width, channels]. */
  instanceShape: readonly number[];
  /** How edges are built; where it is left out, those of the files are taken. */
  graph?: GraphSpec | null;
  /** What earlier reads found; nothing where it is left out. */
  record?: ContentRecord;
  /** Keeps contents nearer than the store; nothing where it is left out. */
  cache?: ObjectCache;
}): BagReader {
  const { store, instanceShape, graph = null } = args;
  const { record = new MemoryContentRecord(), cache = NO_CACHE } = args;
  const source = { store, record, cache };
  return {
    async read(entry, signal) {
      const parts = await mapAtMost(partsOf(entry), PARTS_AT_ONCE, (part) =>
        readPart(source, entry.id, part, instanceShape, signal),
      );
      refuseMixedTypes(parts, entry);
      const content = joinParts(parts);
      const slides = slidesOf(partsOf(entry), content.offsets);
      const bag: Bag = { id: entry.id, ...content, slides };
      return graph ? { ...bag, edges: await edgesFromCoords(bag, partsOf(entry), graph, signal) } : bag;
    },
  };
}

/** One file of a bag, with the files beside it. */
async function readPart(
  source: ObjectSource,
  bag: string,
  part: BagPart,
  instanceShape: readonly number[],
  signal: AbortSignal | undefined,
): Promise<BagContent> {
  const file: BagFile = { bag, file: part.key };
  const fetch = (object: ObjectEntry, of: BagFile) => fetchObject(source, object, of, signal);
  const content = await decodeFile(await fetch(part, file), part, file, instanceShape, signal);
  return { ...content, ...(await readBeside(part, bag, fetch, signal)) };
}

/** Checks a file against its manifest entry and decodes it. */
export async function decodeFile(
  bytes: Uint8Array,
  part: Pick<BagPart, 'bytes' | 'instances'>,
  file: BagFile,
  instanceShape: readonly number[],
  signal?: AbortSignal,
): Promise<BagContent> {
  const { header, decode } = await requireFormat(file).open(bytesInMemory(bytes), file);
  checkBagShape(header, instanceShape, file);
  checkAgainstManifest(header, bytes.length, part, file);
  const content = await decode(signal);
  await refuseNotFinite(content, file, signal);
  return content;
}

/** Refuses empty bags and instances of another shape than the dataset's. */
export function checkBagShape(
  header: Pick<FileHeader, 'instances' | 'instanceShape'>,
  instanceShape: readonly number[],
  file: BagFile,
): void {
  if (header.instances === 0)
    throw bagError(
      'bag-empty',
      file,
      'it has no instances',
      'Take the bag out of the dataset, or find out why its slide gave no tiles.',
    );
  if (header.instanceShape.join() !== instanceShape.join())
    throw bagError(
      'bag-width',
      file,
      `its shape is (${[header.instances, ...header.instanceShape].join(', ')}), the dataset's bags are (instances, ${instanceShape.join(', ')})`,
      'All bags of a dataset come from one feature extractor or tiler: make this one again.',
    );
}

function checkAgainstManifest(
  { instances }: FileHeader,
  bytes: number,
  part: Pick<BagPart, 'bytes' | 'instances'>,
  file: BagFile,
): void {
  if (instances !== part.instances)
    throw bagError(
      'bag-format',
      file,
      `it has ${instances} instances, the manifest says ${part.instances}`,
      INDEX_AGAIN,
    );
  if (bytes !== part.bytes)
    throw bagError('bag-format', file, `it has ${bytes} bytes, the manifest says ${part.bytes}`, INDEX_AGAIN);
}

function refuseMixedTypes(parts: readonly BagContent[], { id, parts: files = [] }: BagEntry): void {
  const odd = parts.findIndex(({ type }) => type !== parts[0].type);
  if (odd < 0) return;
  throw bagError(
    'bag-format',
    { bag: id, file: files[odd].key },
    `its values are ${parts[odd].type}, those of ${files[0].key} are ${parts[0].type}`,
    'Save all files of a bag in one type.',
  );
}
