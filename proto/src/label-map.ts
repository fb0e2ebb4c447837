/**
 * The job file's field `data.labelMap`: the labels of a dataset joined to fewer, such as ISUP grades to benign and cancer.
 * In: `{ 0: 0, 1-5: 1 }`, a manifest. Out: the manifest with the classes that the job trains on. Pure.
 *
 * Keys are labels as the labels file has them (names of classes), or ranges of such that are whole numbers; values are
 * the new classes 0 … k-1, or null, which leaves the bags out of the dataset.
 */
import { z } from 'zod';
import { type DatasetManifest, isOfClasses, taskOf } from './dataset-manifest.js';
import { BagfleetError } from './errors.js';

export const labelMapSchema = z.record(z.string(), z.int().nonnegative().nullable());
export type LabelMap = z.infer<typeof labelMapSchema>;

/** @throws BagfleetError `job-invalid` that names the label */
export function mapLabels(manifest: DatasetManifest, map: LabelMap): DatasetManifest {
  if (!isOfClasses(manifest))
    throw wrongMap(`the dataset's task is ${taskOf(manifest)}`, 'Only classes can be joined: leave it out.');
  const newClassOf = newClasses(manifest.classes, map); // by old class
  const classes = namesOf(map);
  const bags = manifest.bags.flatMap((bag) => {
    const label = newClassOf[bag.label];
    return label === null ? [] : [{ ...bag, label }];
  });
  if (bags.length === 0) throw wrongMap('it leaves out every bag', 'Let two classes remain.');
  const kept = newClassOf.filter((label) => label !== null);
  const isAscending = kept.every((label, i) => i === 0 || label >= kept[i - 1]);
  const isOrdinal = taskOf(manifest) === 'ordinal' && isAscending && classes.length > 2;
  return { ...manifest, task: isOrdinal ? 'ordinal' : 'classification', classes, bags };
}

/** The new class of each old one. */
function newClasses(classes: readonly string[], map: LabelMap): (number | null)[] {
  const found = new Map<string, number | null>();
  for (const [key, value] of Object.entries(map))
    for (const name of classesBy(key, classes)) {
      if (found.has(name)) throw wrongMap(`it names ${name} twice`, 'Name each label once.');
      found.set(name, value);
    }
  return classes.map((name) => {
    const value = found.get(name);
    if (value === undefined)
      throw wrongMap(`it does not say what becomes of ${name}`, `The labels are ${classes.join(', ')}.`);
    return value;
  });
}

/** The classes that a key names: one, or those of a range. */
function classesBy(key: string, classes: readonly string[]): string[] {
  if (classes.includes(key)) return [key];
  const [, first, last] = /^(-?\d+)\s*(?:-|\.\.|–)\s*(-?\d+)$/.exec(key) ?? [];
  const inRange = classes.filter((name) => {
    const isNumber = /^-?\d+$/.test(name);
    return isNumber && first !== undefined && Number(name) >= Number(first) && Number(name) <= Number(last);
  });
  if (inRange.length > 0) return inRange;
  throw wrongMap(`no bag has the label ${key}`, `The labels are ${classes.join(', ')}.`);
}

/** What each new class is made of: `0` and `1-5`, `benign` and `micro+macro`. */
function namesOf(map: LabelMap): string[] {
  const values = [...new Set(Object.values(map).filter((value) => value !== null))].sort((a, b) => a - b);
  if (values.length < 2 || values.some((value, i) => value !== i))
    throw wrongMap(
      `its classes are ${values.join(', ') || 'none'}`,
      'They are 0, 1 and so on, two at least.',
    );
  return values.map((value) =>
    Object.keys(map)
      .filter((key) => map[key] === value)
      .join('+'),
  );
}

function wrongMap(message: string, hint: string): BagfleetError {
  return new BagfleetError('job-invalid', message, { culprit: 'job field data.labelMap', hint });
}
