/** `bagfleet predict`: what a trained model says of single bags, and where it looked. */
import { type BagEntry, BagfleetError, bagsOfSplit, nearestWord, SPLITS, type Split } from '@bagfleet/proto';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import type { Prediction } from '@bagfleet/worker/inference/predictor';
import type { CommandModule } from 'yargs';
import { inColumns } from './columns.js';
import { showingProgress } from './data-progress.js';
import { interruptible } from './interruptible.js';
import { modelFile } from './model-words.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type ModelFlags, withModel, withPredictor } from './options/model-flags.js';
import { print, printJson, remark, tableWidth } from './terminal.js';
import { WholeFile } from './whole-file.js';
import { countWords, numberWords } from './words.js';

interface PredictFlags extends ModelFlags, JsonFlag {
  readonly bags?: readonly string[] | undefined;
  readonly split?: Split | undefined;
  readonly attention: boolean;
  readonly out?: string | undefined;
}

/** A row of the output; labels stay in the manifest. */
interface PredictionRow {
  readonly bag: string;
  readonly predicted: string;
  /** By class, in the manifest's order. */
  readonly probabilities: readonly number[];
  readonly logits: readonly number[];
  readonly attention?: readonly number[] | null;
  /** Per instance, one value per logit; null for models that judge no instances. */
  readonly instanceLogits?: readonly (readonly number[])[] | null;
  /** Per instance; null where the bag has none. */
  readonly coords?: readonly (readonly number[])[] | null;
}

export const predict: CommandModule<unknown, PredictFlags> = {
  command: 'predict <model>',
  describe: 'Let a trained model judge bags',
  builder: (parser) =>
    withJson(withModel(parser))
      .option('bags', {
        type: 'string',
        array: true,
        describe: 'Ids of bags in the manifest; all bags without this and --split',
      })
      .option('split', { choices: SPLITS, describe: 'All bags of this split', conflicts: 'bags' })
      .option('attention', {
        type: 'boolean',
        default: false,
        describe: 'Give attention, logits and coordinates of each instance',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'Write one JSON object per line to this file',
      })
      .example('$0 predict latest --bags test-17 test-18', 'Two bags of its dataset')
      .example(
        '$0 predict ./pulled --on new/manifest.json --attention --out new.jsonl',
        'Every bag of another dataset',
      ),
  handler: (flags) =>
    interruptible((signal) =>
      withPredictor(flags, async (predictor, dataset, { checkpoint, backend, fold }) => {
        const { predictBags } = await import('@bagfleet/worker/inference/predict-bags');
        const entries = chosenBags(dataset, flags, fold);
        const file = flags.out === undefined ? null : await WholeFile.open(flags.out);
        const rows: PredictionRow[] = [];
        let done = 0;
        try {
          await showingProgress(async (progress) => {
            for await (const prediction of predictBags({ predictor, dataset, entries, signal })) {
              const row = rowOf(prediction, dataset, flags.attention);
              if (file) await file.write(`${JSON.stringify(row)}\n`);
              else rows.push(row);
              progress(++done, entries.length, 'predicted');
            }
          });
          await file?.commit();
        } finally {
          await file?.discard();
        }
        const { run, progress: at } = checkpoint.manifest;
        const facts = {
          run,
          checkpoint: checkpoint.uri,
          step: at.step,
          sha256: modelFile(checkpoint.manifest).sha256,
          backend,
        };
        if (flags.json)
          return printJson({ ...facts, bags: done, ...(file ? { out: flags.out } : { predictions: rows }) });
        if (file) return remark(`Wrote ${countWords(done, 'prediction')} to ${flags.out}.`);
        print(tableOf(rows, dataset));
      }),
    ),
};

function chosenBags(
  { manifest, uri }: Dataset,
  { bags, split }: PredictFlags,
  fold: number | null,
): BagEntry[] {
  if (bags !== undefined)
    return bags.map((id) => manifest.bags.find((bag) => bag.id === id) ?? unknownBag(id, manifest.bags, uri));
  if (split === undefined) return manifest.bags;
  const entries = bagsOfSplit(manifest, split, fold).map((index) => manifest.bags[index]);
  if (entries.length > 0) return entries;
  throw new BagfleetError('manifest-invalid', `no bag of it is in the split ${split}`, { culprit: uri });
}

function unknownBag(id: string, bags: readonly BagEntry[], uri: string): never {
  const nearest = nearestWord(
    id,
    bags.map((bag) => bag.id),
  );
  throw new BagfleetError('bag-missing', `is not in ${uri}`, {
    culprit: `bag ${id}`,
    hint: nearest
      ? `Did you mean ${nearest}?`
      : 'Give ids as the manifest has them, or another manifest with --on.',
  });
}

function rowOf(
  { bag, logits, probabilities, predicted, ...instances }: Prediction,
  { manifest }: Dataset,
  withAttention: boolean,
): PredictionRow {
  return {
    bag,
    predicted: manifest.classes[predicted],
    probabilities,
    logits,
    ...(withAttention && {
      attention: instances.attention && Array.from(instances.attention),
      instanceLogits: inRows(instances.instanceLogits, logits.length),
      coords: inRows(instances.coords, 2),
    }),
  };
}

function inRows(values: Float32Array | null, width: number): number[][] | null {
  if (values === null) return null;
  return Array.from({ length: values.length / width }, (_, row) =>
    Array.from(values.subarray(row * width, (row + 1) * width)),
  );
}

function tableOf(rows: readonly PredictionRow[], { manifest }: Dataset): string {
  const shown = manifest.classes.length === 2 ? [1] : manifest.classes.map((_, index) => index);
  return inColumns(
    rows,
    [
      { title: 'BAG', value: ({ bag }) => bag },
      { title: 'CALLED', value: ({ predicted }) => predicted },
      ...shown.map((index) => ({
        title: `P(${manifest.classes[index]})`,
        value: ({ probabilities }: PredictionRow) => numberWords(probabilities[index]),
        align: 'right' as const,
      })),
    ],
    tableWidth(),
  );
}
