/** `bagfleet evaluate`: how good a trained model is on a split, each of its bags once. */
import { writeFile } from 'node:fs/promises';
import { BagfleetError, type MetricName, SPLITS, type Split } from '@bagfleet/proto';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import type { Evaluation } from '@bagfleet/worker/inference/evaluate-split';
import type { InstanceMetrics } from '@bagfleet/worker/metrics/evaluate-instances';
import { UNDEFINED_BECAUSE } from '@bagfleet/worker/metrics/undefined-because';
import type { CommandModule } from 'yargs';
import { spoken } from '../report/metric-words.js';
import { inColumns } from './columns.js';
import { showingProgress } from './data-progress.js';
import { interruptible } from './interruptible.js';
import { checkpointWords, modelFile } from './model-words.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type ModelFlags, type ModelInUse, withModel, withPredictor } from './options/model-flags.js';
import { paint, print, printJson, tableWidth } from './terminal.js';
import { countWords, numberWords } from './words.js';

interface EvaluateFlags extends ModelFlags, JsonFlag {
  readonly split: Split;
  readonly picture?: string | undefined;
}

interface Evaluated extends Evaluation {
  readonly split: Split;
  readonly dataset: Dataset;
  readonly model: ModelInUse;
}

export const evaluate: CommandModule<unknown, EvaluateFlags> = {
  command: 'evaluate <model>',
  describe: 'Score a trained model on a split',
  builder: (parser) =>
    withJson(withModel(parser))
      .option('split', { choices: SPLITS, default: 'test' as const, describe: 'Whose bags count' })
      .option('picture', {
        type: 'string',
        requiresArg: true,
        describe: 'Draw ROC, precision and recall, calibration into this PNG',
      })
      .example('$0 evaluate latest', "The newest run's best checkpoint on its test bags")
      .example('$0 evaluate mnist-2@latest --split val --json', '')
      .example('$0 evaluate ./pulled --on s3://slides/hospital-b/manifest.json', 'On other data'),
  handler: (flags) =>
    interruptible((signal) =>
      withPredictor(flags, async (predictor, dataset, model) => {
        const { evaluateSplit } = await import('@bagfleet/worker/inference/evaluate-split');
        const { split, picture, json } = flags;
        const evaluation = await showingProgress((progress) =>
          evaluateSplit({
            predictor,
            dataset,
            split,
            fold: model.fold,
            signal,
            onProgress: (done, bags) => progress(done, bags, 'evaluated'),
          }),
        );
        const evaluated = { ...evaluation, split, dataset, model };
        if (picture !== undefined) await drawPicture(evaluated, picture);
        if (json) printJson(report(evaluated));
        else print(page(evaluated));
      }),
    ),
};

function report({ predictions, scores, instances, split, dataset, model }: Evaluated): unknown {
  const { manifest, uri } = model.checkpoint;
  const { classes, name } = dataset.manifest;
  return {
    run: manifest.run,
    checkpoint: uri,
    step: manifest.progress.step,
    epoch: manifest.progress.epoch,
    sha256: modelFile(manifest).sha256,
    backend: model.backend,
    dataset: { name, uri: dataset.uri, sha256: dataset.digest },
    split,
    fold: model.fold,
    bags: predictions.length,
    threshold: scores.threshold,
    metrics: scores.values,
    ...(instances && { instances }),
    ...(scores.classes && {
      classes: scores.classes.map((row, index) => ({ class: classes[index], ...row })),
    }),
  };
}

function page(evaluated: Evaluated): string {
  const { scores, instances, dataset } = evaluated;
  const { threshold, values, classes } = scores;
  const rows = Object.entries(values) as [MetricName, number | null][];
  const table = inColumns(
    rows,
    [
      { title: 'METRIC', value: ([name]) => spoken(name) },
      { title: 'VALUE', value: ([, value]) => numberWords(value), align: 'right' },
      { title: '', value: ([name, value]) => (value === null ? paint('dim', UNDEFINED_BECAUSE[name]) : '') },
    ],
    tableWidth(),
  );
  const decided =
    threshold === null ? 'the most probable class is called' : `positive from ${numberWords(threshold)} on`;
  const perClass = classes?.map((row, index) => ({ ...row, name: dataset.manifest.classes[index] })) ?? [];
  const classTable = inColumns(
    perClass,
    [
      { title: 'CLASS', value: ({ name }) => name },
      { title: 'BAGS', value: ({ support }) => String(support), align: 'right' },
      ...(['auc', 'auprc', 'sensitivity', 'specificity', 'ppv', 'f1'] as const).map((metric) => ({
        title: spoken(metric).toUpperCase(),
        value: (row: (typeof perClass)[number]) => numberWords(row[metric]),
        align: 'right' as const,
      })),
    ],
    tableWidth(),
  );
  return [
    ...[title(evaluated), decided, '', table],
    ...(classes ? ['', classTable] : []),
    ...(instances ? ['', instanceLine(instances)] : []),
  ].join('\n');
}

/** What is known of single instances, where the bags say which of them matter. */
function instanceLine({ bags, instances, positives, auc, auprc, f1, dice }: InstanceMetrics): string {
  const counted = `${countWords(instances, 'instance')} of ${countWords(bags, 'bag')}, ${positives} of them positive`;
  const values = [
    `AUROC ${numberWords(auc)}`,
    `average precision ${numberWords(auprc)}`,
    `F1 ${numberWords(f1)}`,
    `Dice ${numberWords(dice)}`,
  ];
  return `${counted}: ${values.join(', ')}`;
}

function title({ predictions, split, dataset, model }: Evaluated): string {
  const bags = countWords(predictions.length, `${split} bag`);
  return `${checkpointWords(model.checkpoint.manifest)}, on ${bags} of ${dataset.manifest.name}`;
}

async function drawPicture(evaluated: Evaluated, file: string): Promise<void> {
  const { threshold } = evaluated.scores;
  if (threshold === null)
    throw new BagfleetError('usage', 'is drawn for two classes only', {
      culprit: '--picture',
      hint: 'The table and --json have each class against the rest.',
    });
  const { rocPng } = await import('../report/roc-picture.js');
  const bags = evaluated.predictions.map(({ label, probabilities }) => ({
    label,
    probability: probabilities[1],
  }));
  await writeFile(file, rocPng(bags, { title: title(evaluated), threshold }));
}
