/** `bagfleet data index`: makes the manifest of a folder of .npy bags from a table of labels. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { BagfleetError } from '@bagfleet/proto';
import { MANIFEST_FILE } from '@bagfleet/worker/data/load-manifest';
import type { CommandModule } from 'yargs';
import { datasetPage } from '../datasets/dataset-page.js';
import { describeDataset } from '../datasets/describe-dataset.js';
import { indexBags } from '../datasets/index-bags.js';
import { readLabels } from '../datasets/labels-csv.js';
import { manifestBytes } from '../datasets/manifest-file.js';
import { splitRule } from '../datasets/split-rule.js';
import { showingProgress } from './data-progress.js';
import { type DataStoreFlags, withDataFolder, withEncryptedDataStore } from './data-store.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { print, printJson, terminalWidth } from './terminal.js';

interface IndexFlags extends DataStoreFlags, JsonFlag {
  readonly folder: string;
  readonly labels: string;
  readonly split?: string | undefined;
  readonly positive?: string | undefined;
  readonly name?: string | undefined;
  readonly seed: number;
}

export const command: CommandModule<unknown, IndexFlags> = {
  command: 'index <folder>',
  describe: 'Make the manifest of a folder of .npy bags',
  builder: (parser) =>
    withJson(withEncryptedDataStore(parser))
      .positional('folder', {
        type: 'string',
        demandOption: true,
        describe: 'Folder or s3://bucket/prefix with .npy files',
      })
      .option('labels', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'CSV file with the columns id and label',
      })
      .option('split', {
        type: 'string',
        requiresArg: true,
        describe: 'train=0.7,val=0.15,test=0.15, or column to take the column split',
      })
      .option('positive', { type: 'string', requiresArg: true, describe: 'The positive one of two classes' })
      .option('name', { type: 'string', requiresArg: true, describe: "Name of the dataset [the folder's]" })
      .option('seed', {
        type: 'number',
        requiresArg: true,
        default: 1,
        describe: 'Another seed makes another split',
      })
      .example('$0 data index slides --labels labels.csv', 'Splits 70/15/15, by class and patient')
      .epilogue(
        'Columns of the CSV: id (bag_id, slide_id), label, and if wanted split, fold, patient (case_id).',
      ),
  handler: async (flags) => {
    const labels = readLabels(await readLabelFile(flags.labels), flags.labels);
    const split = splitRule(flags.split, labels.hasSplits);
    await withDataFolder(flags.folder, flags, async (store) => {
      const name = flags.name ?? basename(store.uri);
      const { positive, seed } = flags;
      const manifest = await showingProgress((progress) =>
        indexBags({ store, labels, split, positive, seed, name, progress }),
      );
      const file = manifestBytes(manifest);
      await store.put(MANIFEST_FILE, file);

      const folder = new Map(manifest.bags.map((bag) => [bag.key, bag.bytes]));
      const summary = describeDataset(manifest, folder, []);
      const written = `${store.uri}/${MANIFEST_FILE}`;
      const sha256 = createHash('sha256').update(file).digest('hex');
      if (flags.json) return printJson({ manifest: written, sha256, ...summary });
      for (const line of datasetPage(summary, terminalWidth())) print(line);
      print(`\n${written}`);
    });
  },
};

async function readLabelFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new BagfleetError('usage', `it can't be read (${(cause as NodeJS.ErrnoException).code})`, {
      culprit: path,
      hint: 'Name a CSV file with the columns id and label: --labels labels.csv.',
      cause,
    });
  }
}
