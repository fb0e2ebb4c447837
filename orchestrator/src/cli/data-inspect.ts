/** `bagfleet data inspect`: what a dataset holds, and what looks wrong in it before anything trains on it. */
import type { CommandModule } from 'yargs';
import { datasetPage } from '../datasets/dataset-page.js';
import { inspectDataset } from '../datasets/inspect-dataset.js';
import { showingProgress } from './data-progress.js';
import { type DataStoreFlags, withDataStore, withDatasetAt } from './data-store.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { print, printJson, terminalWidth } from './terminal.js';

interface InspectFlags extends DataStoreFlags, JsonFlag {
  readonly dataset: string;
}

export const command: CommandModule<unknown, InspectFlags> = {
  command: 'inspect <dataset>',
  describe: 'Show what a dataset holds and what looks wrong in it',
  builder: (parser) =>
    withJson(withDataStore(parser))
      .positional('dataset', {
        type: 'string',
        demandOption: true,
        describe: 'Its folder or manifest, a path or s3://bucket/prefix',
      })
      .example('$0 data inspect data/mnist-bags', 'Splits, classes, bag sizes, duplicates'),
  handler: async (flags) =>
    withDatasetAt(flags.dataset, flags, async (dataset) => {
      const summary = await showingProgress((progress) => inspectDataset(dataset, progress));
      if (flags.json) return printJson({ manifest: dataset.uri, sha256: dataset.digest, ...summary });
      for (const line of datasetPage(summary, terminalWidth())) print(line);
    }),
};
