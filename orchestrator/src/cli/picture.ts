/**
 * `bagfleet picture`: draws what a trained model looks at: a bag's tiles, each framed by its attention weight.
 * In: a checkpoint whose instances are tiles. Out: a PNG with one block per bag.
 */
import { writeFile } from 'node:fs/promises';
import { type BagEntry, BagfleetError, bagsOfSplit, SPLITS, type Split } from '@bagfleet/proto';
import { toFloat32 } from '@bagfleet/worker/data/instances/to-float32';
import type { Dataset } from '@bagfleet/worker/data/load-manifest';
import { bagReader } from '@bagfleet/worker/data/read-bag';
import { predictBags } from '@bagfleet/worker/inference/predict-bags';
import type { Prediction } from '@bagfleet/worker/inference/predictor';
import type { CommandModule } from 'yargs';
import { bagPicturePng, type PicturedBag } from '../report/bag-picture.js';
import { interruptible } from './interruptible.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type ModelFlags, withModel, withPredictor } from './options/model-flags.js';
import { print, printJson } from './terminal.js';

interface PictureFlags extends ModelFlags, JsonFlag {
  readonly bags: readonly string[];
  readonly split: Split;
  readonly out: string;
}

export const picture: CommandModule<unknown, PictureFlags> = {
  command: 'picture <model>',
  describe: 'Draw the tiles of bags, framed by their attention weights',
  builder: (parser) =>
    withJson(withModel(parser))
      .option('bags', {
        type: 'string',
        array: true,
        default: [] as string[],
        describe: 'Bag ids; else one of each class',
      })
      .option('split', {
        choices: SPLITS,
        default: 'test',
        describe: 'Where to take one bag of each class from',
      })
      .option('out', { type: 'string', requiresArg: true, default: 'attention.png', describe: 'PNG file' })
      .example('$0 picture latest', 'One bag of each class, into attention.png') as never,
  handler: (flags) =>
    interruptible((signal) =>
      withPredictor(flags, async (predictor, dataset) => {
        refuseVectors(dataset);
        const entries = chosenBags(dataset, flags, predictor.manifest.job.data.fold);
        const bags: PicturedBag[] = [];
        for await (const prediction of predictBags({ predictor, dataset, entries, signal }))
          bags.push(await picturedBag(dataset, entries[bags.length], prediction));
        await writeFile(flags.out, bagPicturePng(bags));
        if (flags.json) printJson({ picture: flags.out, bags: entries.map(({ id }) => id) });
        else print(flags.out);
      }),
    ),
};

/** The bags named, or the first of each class in the split. */
function chosenBags(
  { manifest, uri }: Dataset,
  { bags, split }: PictureFlags,
  fold: number | null,
): BagEntry[] {
  if (bags.length > 0)
    return bags.map((id) => manifest.bags.find((bag) => bag.id === id) ?? unknownBag(id, uri));
  const inSplit = bagsOfSplit(manifest, split, fold).map((index) => manifest.bags[index]);
  const ofEach = manifest.classes.flatMap((_, label) => inSplit.find((bag) => bag.label === label) ?? []);
  if (ofEach.length === 0)
    throw new BagfleetError('manifest-invalid', `no bag of it is in the split ${split}`, { culprit: uri });
  return ofEach.reverse(); // the positive one first
}

async function picturedBag(
  { manifest, store }: Dataset,
  entry: BagEntry,
  prediction: Prediction,
): Promise<PicturedBag> {
  const [height, width, channels] = manifest.instanceShape;
  // As they lie in the store, without the normalisation that the model wants.
  const bag = await bagReader({ store, instanceShape: manifest.instanceShape }).read(entry);
  const { attention, probabilities, predicted } = prediction;
  return {
    id: entry.id,
    truth: manifest.classes[entry.label],
    predicted: probabilities.length === 2 ? probabilities[1] : probabilities[predicted],
    ...(probabilities.length === 2 ? {} : { called: manifest.classes[predicted] }),
    tiles: { height, width, channels, values: toFloat32(bag, 0, bag.features.length) },
    attention,
  };
}

function refuseVectors({ manifest, uri }: Dataset): void {
  if (manifest.instanceShape.length === 3) return;
  throw new BagfleetError(
    'usage',
    `its instances are vectors of ${manifest.instanceShape.join(' × ')}, not tiles to draw`,
    {
      culprit: uri,
      hint: 'Attention weights as numbers: `bagfleet predict --attention`.',
    },
  );
}

function unknownBag(id: string, uri: string): never {
  throw new BagfleetError('bag-missing', `is not in ${uri}`, {
    culprit: `bag ${id}`,
    hint: 'See `bagfleet data inspect`.',
  });
}
