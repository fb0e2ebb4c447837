/**
 * Which parameters each of the job's groups (`train.parameterGroups`) takes: the first group that matches wins.
 * In: the layout of the model's parameters, the groups. Out: contiguous ranges of the flat buffers, each of one group.
 */
import { BagfleetError, type ParameterGroup } from '@bagfleet/proto';
import type { ParameterLayout } from './parameter-layout.js';

/** Names that an error lists. */
const MOST_NAMES = 12;

export interface ParameterRange {
  /** First entry of the flat buffers, and the one after the last: whole parameters with their padding. */
  readonly from: number;
  readonly to: number;
  /** null: trained as the optimizer says. */
  readonly group: ParameterGroup | null;
}

/**
 * Ranges in order, all of the buffer, neighbours of the same group joined: without groups one range.
 * @throws BagfleetError `job-invalid` for a group that takes no parameter
 */
export function parameterRanges(
  { places, length }: ParameterLayout,
  groups: readonly ParameterGroup[],
): ParameterRange[] {
  const matchers = groups.map(({ match }) => matcherOf(match));
  const owners = places.map(({ name }) => matchers.findIndex((matches) => matches(name))); // -1: no group
  for (const index of groups.keys()) {
    if (owners.includes(index)) continue;
    const names = places.map(({ name }) => name);
    throw unusedGroup(groups[index], index, names, names.some(matchers[index]));
  }
  const starts = owners.flatMap((owner, i) => (i === 0 || owner !== owners[i - 1] ? [i] : []));
  return starts.map((start, i) => ({
    from: places[start].offset,
    to: i + 1 < starts.length ? places[starts[i + 1]].offset : length,
    group: groups[owners[start]] ?? null,
  }));
}

/** Of whole names; a pattern without wildcards also matches names that go on with a dot after it. */
function matcherOf(match: string): (name: string) => boolean {
  if (!/[*?]/.test(match)) return (name) => name === match || name.startsWith(`${match.replace(/\.$/, '')}.`);
  const literal = match.replace(/[.+^${}()|[\]\\]/g, '\\$&');
  const pattern = new RegExp(`^${literal.replace(/\*+/g, '.*').replaceAll('?', '.')}$`, 's');
  return (name) => pattern.test(name);
}

function unusedGroup(
  { match }: ParameterGroup,
  index: number,
  names: readonly string[],
  taken: boolean,
): BagfleetError {
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  return new BagfleetError(
    'job-invalid',
    taken
      ? `all parameters that "${match}" matches are taken by groups before it`
      : `"${match}" matches no parameter of the model`,
    {
      culprit: `job field train.parameterGroups.${index}.match`,
      hint: `Its parameters are ${names.slice(0, MOST_NAMES).join(', ')}${more}; the first group that matches wins.`,
    },
  );
}
