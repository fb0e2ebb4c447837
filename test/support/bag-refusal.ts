/** What a reader of bags refuses: a BagfleetError that names bag and file and says what to do, or the test fails. */
import assert from 'node:assert/strict';
import { BagfleetError } from '@bagfleet/proto/errors';
import type { BagFile } from '@bagfleet/worker/data/bag-file';

export async function bagRefusal(run: () => Promise<unknown>, file: BagFile): Promise<BagfleetError> {
  let given: unknown;
  try {
    given = await run();
  } catch (thrown) {
    return asRefusal(thrown, file);
  }
  assert.fail(`nothing was refused, but ${String(given)} given`);
}

/** For what may be read or refused: anything else than a refusal is thrown on. */
export function asRefusal(thrown: unknown, { bag, file }: BagFile): BagfleetError {
  if (!(thrown instanceof BagfleetError)) throw thrown;
  assert.match(thrown.code, /^bag-(format|truncated|width)$/, thrown.stack);
  assert.equal(thrown.culprit, `bag ${bag}, file ${file}`);
  assert.ok(thrown.hint, 'says what to do');
  return thrown;
}
