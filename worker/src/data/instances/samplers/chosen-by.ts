/**
 * What a user's sampler has answered, checked. In: any value. Out: indices, each once, or an error that says what is
 * wrong with them.
 */
import { BagfleetError } from '@bagfleet/proto/errors';

export interface Choice {
  /** The bag's id. */
  readonly bag: string;
  readonly instances: number;
  readonly bagSize: number;
}

/** @throws BagfleetError `job-invalid` */
export function chosenBy(answer: unknown, choice: Choice): Uint32Array {
  const indices = listOf(answer);
  if (indices === null) throw wrongChoice(choice, 'it gives no list of indices');
  if (indices.length === 0) throw wrongChoice(choice, 'it chooses nothing');
  if (indices.length > choice.bagSize)
    throw wrongChoice(choice, `it chooses ${indices.length} instances, bagSize is ${choice.bagSize}`);
  const seen = new Uint8Array(choice.instances);
  for (const index of indices) {
    if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= choice.instances)
      throw wrongChoice(
        choice,
        `it chooses ${String(index)}, there are instances 0 to ${choice.instances - 1}`,
      );
    if (seen[index as number]++) throw wrongChoice(choice, `it chooses instance ${String(index)} twice`);
  }
  return Uint32Array.from(indices as number[]);
}

/** An array or typed array, of whatever world. */
function listOf(answer: unknown): unknown[] | null {
  if (Array.isArray(answer)) return answer as unknown[];
  return ArrayBuffer.isView(answer) && 'length' in answer ? Array.from(answer as Uint32Array) : null;
}

function wrongChoice({ bag }: Choice, message: string): BagfleetError {
  return new BagfleetError('job-invalid', `${message} (bag ${bag})`, {
    culprit: 'job field data.sampler.file',
    hint: 'A sampler gives the indices of at most bagSize instances, each once.',
  });
}
