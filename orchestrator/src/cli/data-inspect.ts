/** `bagfleet data inspect`: what a dataset holds, and what looks wrong in it before anything trains on it. */
import { BagfleetError } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { datasetPage } from '../datasets/dataset-page.js';
import { describeDataset } from '../datasets/describe-dataset.js';
import { inspectDataset } from '../datasets/inspect-dataset.js';
import { showingProgress } from './data-progress.js';
import { type DataStoreFlags, withDataStore, withDatasetAt } from './data-store.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { print, printJson, remark, terminalWidth } from './terminal.js';

interface InspectFlags extends DataStoreFlags, JsonFlag {
  readonly dataset: string;
  readonly deep: boolean;
  readonly strict: boolean;
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
      .option('deep', {
        type: 'boolean',
        default: false,
        describe: 'Read every bag: NaN, constant or repeated features, odd scales',
      })
      .option('strict', {
        type: 'boolean',
        default: false,
        describe: 'End with code 2 if there are warnings',
      })
      .example('$0 data inspect data/mnist-bags', 'Splits, classes, bag sizes, duplicates')
      .example('$0 data inspect s3://slides/v3 --deep --strict', 'Everything, for a script'),
  handler: async (flags) =>
    withDatasetAt(flags.dataset, flags, async (dataset) => {
      const summary = describeDataset(dataset.manifest);
      const warnings = await showingProgress((progress) =>
        inspectDataset(dataset, { deep: flags.deep, progress }),
      );
      if (flags.json) printJson({ manifest: dataset.uri, sha256: dataset.digest, ...summary, warnings });
      else for (const line of datasetPage(summary, warnings, terminalWidth())) print(line);
      if (!flags.json && !flags.deep) remark('contents were not read; --deep reads them, too');
      if (flags.strict && warnings.length > 0) throw suspicious(dataset.uri, warnings.length);
    }),
};

function suspicious(uri: string, warnings: number): BagfleetError {
  return new BagfleetError(
    'manifest-invalid',
    `${warnings === 1 ? 'a warning' : `${warnings} warnings`}, see above`,
    {
      culprit: uri,
      hint: 'Mend what they name, or leave out --strict.',
    },
  );
}
