/** `bagfleet data index`: makes the manifest of a folder of bags from their labels. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BagfleetError } from '@bagfleet/proto';
import { aliasKeys } from '@bagfleet/worker/data/alias-keys';
import { MANIFEST_FILE } from '@bagfleet/worker/data/load-manifest';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { CommandModule } from 'yargs';
import { datasetPage } from '../datasets/dataset-page.js';
import { describeDataset } from '../datasets/describe-dataset.js';
import { type IndexedBags, indexBags } from '../datasets/index-bags.js';
import { readLabels } from '../datasets/labels/labels-csv.js';
import { manifestBytes } from '../datasets/manifest-file.js';
import { readKeyFile } from '../datasets/pseudonyms/key-file.js';
import { addToMap, refuseMapInside } from '../datasets/pseudonyms/map-file.js';
import { pseudonymize } from '../datasets/pseudonyms/pseudonymize.js';
import type { BadBag } from '../datasets/scan-bags.js';
import { readSplitFile } from '../datasets/splits/split-file.js';
import { USUAL_COLUMNS } from '../datasets/targets/targets.js';
import { manifestWarnings } from '../datasets/warnings/manifest-warnings.js';
import { showingProgress } from './data-progress.js';
import { type DataStoreFlags, withDataFolder, withEncryptedDataStore } from './data-store.js';
import { type IndexFlags, withIndexFlags } from './options/index-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { print, printJson, remark, terminalWidth } from './terminal.js';

type Flags = DataStoreFlags & JsonFlag & IndexFlags & { readonly folder: string };

export const command: CommandModule<unknown, Flags> = {
  command: 'index <folder>',
  describe: 'Make the manifest of a folder of bags',
  builder: (parser) =>
    withJson(withEncryptedDataStore(withIndexFlags(parser)))
      .positional('folder', {
        type: 'string',
        demandOption: true,
        describe: "Folder or s3://bucket/prefix: a file per bag, TRIDENT's, CLAM's or torchmil's, or tiles",
      })
      .example('$0 data index slides --labels labels.csv', 'Splits 70/15/15, by class and patient')
      .example('$0 data index job --features uni_v1 --labels labels.csv', "One encoder of TRIDENT's job")
      .example('$0 data index slides --labels labels.csv --splits splits_0.csv', "CLAM's splits")
      .example('$0 data index slides --labels labels.csv --folds 5', 'Five folds')
      .epilogue(
        'Columns of the CSV: id (bag_id, slide_id), label, and if wanted split, fold, patient (case_id).',
      ),
  handler: async (flags) => {
    const words = await wordsOf(flags);
    await withDataFolder(flags.folder, flags, async (store) => {
      const name = flags.name ?? basename(store.uri);
      const secrets = await secretsOf(flags);
      const found = await showingProgress((progress) => indexBags({ ...words, store, name, progress }));
      const indexed = secrets ? await withPseudonyms(found, secrets) : found;
      const file = manifestBytes(indexed.manifest);
      await store.put(MANIFEST_FILE, file);
      report(indexed, store, createHash('sha256').update(file).digest('hex'), flags.json);
    });
  },
};

interface Secrets {
  readonly key: Uint8Array;
  readonly map: string;
}

/** What is wrong with them is told before anything is read. */
async function secretsOf({ folder, pseudonymize: path, map }: Flags): Promise<Secrets | null> {
  if (path === undefined || map === undefined) return null;
  refuseMapInside(map, folder);
  return { key: await readKeyFile(path), map };
}

async function withPseudonyms(indexed: IndexedBags, { key, map }: Secrets): Promise<IndexedBags> {
  const { manifest, names } = pseudonymize(indexed.manifest, key);
  await addToMap(map, names);
  return { ...indexed, manifest };
}

/** The flags as what they mean, and the files that they name. */
async function wordsOf(flags: Flags) {
  const { layout, features, bagBy, skipBad, task, positive, split, folds, seed } = flags;
  const columns = listed(flags.labelColumns) ?? USUAL_COLUMNS[task];
  const table = flags.labels === undefined ? null : await readTable(flags.labels, '--labels labels.csv');
  const splits = flags.splits === undefined ? null : await readTable(flags.splits, '--splits splits_0.csv');
  return {
    ...{ layout, features, bagBy, skipBad, task, positive, split, folds, seed, columns },
    classes: listed(flags.classes),
    labels: table && readLabels(table.text, table.path, columns),
    splitFile: splits ? readSplitFile(splits.text, splits.path) : undefined,
  };
}

function listed(words: string | undefined): string[] | undefined {
  return words?.split(',').map((word) => word.trim());
}

async function readTable(path: string, example: string): Promise<{ path: string; text: string }> {
  try {
    return { path, text: await readFile(path, 'utf8') };
  } catch (cause) {
    throw new BagfleetError('usage', `it can't be read (${(cause as NodeJS.ErrnoException).code})`, {
      culprit: path,
      hint: `Name a CSV file: ${example}.`,
      cause,
    });
  }
}

function report(
  { manifest, layout, skipped }: IndexedBags,
  store: ObjectStore,
  sha256: string,
  json: boolean,
) {
  const summary = describeDataset(manifest);
  const warnings = manifestWarnings(manifest.pseudonymized ? aliasKeys(manifest).manifest : manifest);
  const written = `${store.uri}/${MANIFEST_FILE}`;
  if (json)
    return printJson({
      manifest: written,
      sha256,
      layout,
      ...summary,
      warnings,
      skipped: skipped.map(asJson),
    });
  for (const line of datasetPage(summary, warnings, terminalWidth())) print(line);
  print(`\n${written}`);
  if (skipped.length === 0) return;
  remark(`${skipped.length} left out, since they can't be read:`);
  for (const { error } of skipped) remark(`  ${error.culprit}: ${error.message}`);
}

function asJson({ id, error }: BadBag) {
  return { id, ...error.toJSON() };
}
