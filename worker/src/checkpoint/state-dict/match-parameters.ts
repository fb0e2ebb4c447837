/**
 * A state dict as the parameters of a model, strictly: every name is there, none is left, every shape is right.
 * In: tensors by name, the model's layout. Out: flat parameters, or one error that lists all that does not fit.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { SharedFloats } from '../../engine/compute-protocol.js';
import type { ParameterLayout } from '../../train/parameter-layout.js';
import { flatOf } from '../flat-tensors.js';
import type { StateDict } from './state-dict.js';

/** Names of each kind that an error lists. */
const LISTED = 10;

/** @throws BagfleetError `state-mismatch` */
export function matchParameters(tensors: StateDict, layout: ParameterLayout, source: string): SharedFloats {
  refuseOthers(tensors, layout, source);
  return flatOf(layout, tensors, source);
}

function refuseOthers(tensors: StateDict, { places }: ParameterLayout, source: string): void {
  const wanted = new Map(places.map(({ name, shape }) => [name, shape]));
  const missing = [...wanted.keys()].filter((name) => !tensors.has(name));
  const unexpected = [...tensors.keys()].filter((name) => !wanted.has(name));
  const wrong = [...tensors].flatMap(([name, { shape }]) => {
    const right = wanted.get(name);
    return right && right.join() !== shape.join()
      ? [`${name} is [${shape.join(', ')}], the model has [${right.join(', ')}]`]
      : [];
  });
  const faults = [
    listed('missing', missing),
    listed('not of the model', unexpected),
    listed('other shapes', wrong),
  ];
  if (faults.every((fault) => fault === '')) return;
  throw new BagfleetError(
    'state-mismatch',
    `it does not fit the model: ${faults.filter(Boolean).join('; ')}`,
    {
      culprit: source,
      hint: "Compare the job's model section (docs/models.md says whose names each model has), or give --layout.",
    },
  );
}

function listed(what: string, names: readonly string[]): string {
  if (names.length === 0) return '';
  const more = names.length > LISTED ? ` and ${names.length - LISTED} more` : '';
  return `${what}: ${names.slice(0, LISTED).join(', ')}${more}`;
}
