// The words of `npm run demo -- …`.
// In: words. Out: options, or exit code 2 with one line that says what is wrong.

import { parseArgs } from 'node:util';

const HELP = 'It takes --workers N (1-16), --seed S, --store s3|FOLDER|s3://bucket/prefix and --json.';

/**
 * @param {string[]} words
 * @returns {{ workers: number, seed: number, store: string | null, json: boolean }}
 */
export function demoOptions(words) {
  try {
    const { values } = parseArgs({
      args: words,
      options: {
        workers: { type: 'string', default: '2' },
        seed: { type: 'string', default: '1' },
        store: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    return {
      workers: wholeNumber('--workers', values.workers, 1, 16),
      seed: wholeNumber('--seed', values.seed, 0, 2 ** 31 - 1),
      store: values.store ?? null,
      json: values.json,
    };
  } catch (error) {
    console.error(`demo: ${error.message}\n  ${HELP}`);
    process.exit(2);
  }
}

function wholeNumber(flag, text, least, most) {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new Error(`${flag} takes a whole number from ${least} to ${most}, but ${text} was given`);
}
