/** `bagfleet data demo`: makes MNIST-bags, a dataset to try everything with, in a folder or on S3. */
import { BagfleetError } from '@bagfleet/proto';
import type { Argv, CommandModule } from 'yargs';
import { sizeWords } from '../datasets/dataset-page.js';
import { type MnistBagsReport, mnistBagsReport, prepareMnistBags } from '../datasets/mnist-dataset.js';
import { loadMnistDigits } from '../datasets/mnist-digits.js';
import { showingProgress } from './data-progress.js';
import { type DataStoreFlags, withDataFolder, withEncryptedDataStore } from './data-store.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { print, printJson } from './terminal.js';
import { countWords } from './words.js';

interface DemoFlags extends DataStoreFlags, JsonFlag {
  readonly to: string;
  readonly seed: number;
  readonly trainBags: number;
  readonly valBags: number;
  readonly testBags: number;
}

const MOST_BAGS = 100_000;

export const command: CommandModule<unknown, DemoFlags> = {
  command: 'demo',
  describe: 'Make MNIST-bags: bags of handwritten digits, positive if they hold a 9',
  builder: (parser) =>
    withJson(withEncryptedDataStore(parser))
      .option('to', {
        type: 'string',
        requiresArg: true,
        default: 'data/mnist-bags',
        describe: 'Folder or s3://bucket/prefix',
      })
      .option('seed', {
        type: 'number',
        requiresArg: true,
        default: 1,
        describe: 'Another seed draws other bags',
      })
      .option('train-bags', {
        type: 'number',
        requiresArg: true,
        default: 1000,
        describe: 'Bags to train on',
      })
      .option('val-bags', {
        type: 'number',
        requiresArg: true,
        default: 100,
        describe: 'Bags to validate on',
      })
      .option('test-bags', { type: 'number', requiresArg: true, default: 1000, describe: 'Bags to test on' })
      .example('$0 data demo', 'Into ./data/mnist-bags')
      .example(
        '$0 data demo --to s3://bucket/mnist-bags --seed 7',
        'Into a bucket',
      ) as unknown as Argv<DemoFlags>, // yargs types --train-bags by its dashed name only
  handler: async (flags) => {
    const bags = {
      train: wholeNumber('--train-bags', flags.trainBags, 2, MOST_BAGS),
      val: wholeNumber('--val-bags', flags.valBags, 0, MOST_BAGS),
      test: wholeNumber('--test-bags', flags.testBags, 0, MOST_BAGS),
    };
    const settings = { seed: wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1), bags };
    const digits = await loadMnistDigits();
    await withDataFolder(flags.to, flags, async (store) => {
      const prepared = await showingProgress((progress) =>
        prepareMnistBags({ store, settings, digits, progress }),
      );
      const report = mnistBagsReport(store, prepared);
      if (flags.json) return printJson(report);
      print(
        report.reused
          ? `MNIST-bags with these settings is there already: ${report.manifest}`
          : sentence(report),
      );
    });
  },
};

function sentence(report: MnistBagsReport): string {
  const { trainBags, valBags, testBags, testPositives, digits, bytes, manifest } = report;
  return [
    `MNIST-bags: ${countWords(trainBags, 'bag')} to train, ${valBags} to validate, ${testBags} to test (${testPositives} hold a 9),`,
    `${countWords(digits, 'digit')}, ${sizeWords(bytes)}: ${manifest}`,
  ].join('\n');
}

function wholeNumber(flag: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new BagfleetError('usage', `${value} was given`, {
    culprit: flag,
    hint: `It takes a whole number from ${least} to ${most}.`,
  });
}
