/**
 * Overrides of single job fields: `--set train.batch=16` and the flags for common fields.
 * In: values of a job file and overrides in the order given. Out: new values; a later override wins.
 */
import { BagfleetError } from '@bagfleet/proto';
import { readJobText } from './read-job-text.js';

export interface Override {
  readonly path: readonly string[];
  readonly value: unknown;
  /** As the user wrote it, without the value: `--set train.batch`, `--workers`. */
  readonly origin: string;
}

/** `a.b=c`: the value is read as YAML, so 3 is a number, null is null, [0.9, 0.99] is a list. */
export function parseAssignment(text: string): Override {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  const path = name.split('.');
  if (equals < 1 || path.some((part) => !/^[A-Za-z]\w*$/.test(part)))
    throw new BagfleetError('usage', 'is not of the form field=value', {
      culprit: `--set ${name}`,
      hint: 'For example --set train.batch=16 or --set validation.earlyStop.patience=5.',
    });
  const origin = `--set ${name}`;
  return { path, value: readJobText(text.slice(equals + 1), origin) ?? null, origin };
}

export function applyOverrides(values: unknown, overrides: readonly Override[]): unknown {
  return overrides.reduce((current, override) => withField(current, override.path, override.value), values);
}

/** A copy with one field set; what stands in the way and is not a section is replaced by one. */
function withField(values: unknown, path: readonly string[], value: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const section = isSection(values) ? values : {};
  return { ...section, [key]: withField(section[key], rest, value) };
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The last override that set this field or something in or above it. */
export function overrideOf(path: readonly string[], overrides: readonly Override[]): Override | undefined {
  return overrides.findLast((override) => {
    const shared = Math.min(path.length, override.path.length);
    return shared > 0 && path.slice(0, shared).every((part, index) => part === override.path[index]);
  });
}
