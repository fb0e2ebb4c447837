/** `bagfleet data demo`: makes MNIST-bags, a dataset to try everything with, in a folder or on S3. */
import { createHash } from 'node:crypto';
import { bagsOfSplit } from '@bagfleet/proto/split-bags';
import { BagfleetError } from '@bagfleet/proto/errors';
import { MANIFEST_FILE } from '@bagfleet/worker/data/load-manifest';
import type { Argv, CommandModule } from 'yargs';
import { loadMnistDigits } from '../datasets/mnist-digits.js';
import { prepareMnistBags } from '../datasets/mnist-dataset.js';
import { count, size } from '../datasets/dataset-page.js';
import { lineProgress } from './data-progress.js';
import { type DataStoreFlags, dataStoreOpener, withDataStore } from './data-store.js';

interface DemoFlags extends DataStoreFlags {
  readonly to: string;
  readonly seed: number;
  readonly trainBags: number;
  readonly valBags: number;
  readonly testBags: number;
  readonly json: boolean;
}

export const command: CommandModule<unknown, DemoFlags> = {
  command: 'demo',
  describe: 'Make MNIST-bags: bags of handwritten digits, positive if they hold a 9',
  builder: (parser) =>
    withDataStore(parser as Argv)
      .option('to', { type: 'string', requiresArg: true, default: 'data/mnist-bags', describe: 'Folder or s3://bucket/prefix' })
      .option('seed', { type: 'number', requiresArg: true, default: 1, describe: 'Another seed draws other bags' })
      .option('train-bags', { type: 'number', requiresArg: true, default: 500, describe: 'Bags to train on' })
      .option('val-bags', { type: 'number', requiresArg: true, default: 100, describe: 'Bags to validate on' })
      .option('test-bags', { type: 'number', requiresArg: true, default: 1000, describe: 'Bags to test on' })
      .option('json', { type: 'boolean', default: false, describe: 'Print one JSON value' })
      .example('$0 data demo', 'Into ./data/mnist-bags')
      .example('$0 data demo --to s3://bucket/mnist-bags --seed 7', '') as unknown as Argv<DemoFlags>,
  handler: async (flags) => {
    const settings = settingsOf(flags);
    const digits = await loadMnistDigits();
    const store = await dataStoreOpener(flags)(flags.to);
    try {
      const progress = lineProgress(process.stderr, () => performance.now());
      const { manifest, manifestFile, reused } = await prepareMnistBags({ store, settings, digits, progress });
      const result = {
        manifest: `${store.uri}/${MANIFEST_FILE}`,
        sha256: createHash('sha256').update(manifestFile).digest('hex'),
        reused,
        trainBags: bagsOfSplit(manifest, 'train', null).length,
        valBags: bagsOfSplit(manifest, 'val', null).length,
        testBags: bagsOfSplit(manifest, 'test', null).length,
        testPositives: manifest.bags.filter(({ split, label }) => split === 'test' && label === 1).length,
        digits: manifest.bags.reduce((sum, bag) => sum + bag.instances, 0),
        bytes: manifest.bags.reduce((sum, bag) => sum + bag.bytes, 0),
      };
      process.stdout.write(`${flags.json ? JSON.stringify(result) : sentence(result)}\n`);
    } finally {
      store.close();
    }
  },
};

function sentence(result: {
  manifest: string; reused: boolean; trainBags: number; valBags: number; testBags: number;
  testPositives: number; digits: number; bytes: number;
}): string {
  if (result.reused) return `MNIST-bags with these settings is there already: ${result.manifest}`;
  const { trainBags, valBags, testBags, testPositives, digits, bytes } = result;
  return [
    `MNIST-bags: ${count(trainBags, 'bag')} to train, ${valBags} to validate, ${testBags} to test (${testPositives} hold a 9)`,
    `${count(digits, 'digit')}, ${size(bytes)}: ${result.manifest}`,
  ].join('\n');
}

function settingsOf(flags: DemoFlags) {
  return {
    seed: wholeNumber('--seed', flags.seed, 0, 2 ** 31 - 1),
    bags: {
      train: wholeNumber('--train-bags', flags.trainBags, 2, 100_000),
      val: wholeNumber('--val-bags', flags.valBags, 0, 100_000),
      test: wholeNumber('--test-bags', flags.testBags, 0, 100_000),
    },
  };
}

function wholeNumber(flag: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new BagfleetError('usage', `${value} was given`, {
    culprit: flag,
    hint: `It takes a whole number from ${least} to ${most}.`,
  });
}
