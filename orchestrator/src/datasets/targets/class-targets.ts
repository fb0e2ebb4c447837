/**
 * Tasks of classes: classification, and ordinal, where the classes ascend (ISUP grades).
 * Out: a class index per bag, 0 … classes-1.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import { placeOf } from '../labels/labels-csv.js';
import { classNames } from './class-names.js';
import { finiteNumber, type ReadTargets, refuseCount } from './targets.js';

export const classTargets: ReadTargets = (rows, table, { positive, classes }) => {
  refuseCount(rows, table, 1, 'a task of classes');
  const words = rows.map(({ label }) => label);
  const names = classes ? [...classes] : classNames(words, positive, table.file);
  const stranger = rows.find(({ label }) => !names.includes(label));
  if (stranger)
    throw new BagfleetError('manifest-invalid', `bag ${stranger.id} has the label ${stranger.label}`, {
      culprit: placeOf(stranger, table),
      hint: `Mend it, or add it to --classes ${names.join(',')}.`,
    });
  return { classes: names, labels: words.map((word) => names.indexOf(word)), targets: null };
};

export const ordinalTargets: ReadTargets = (rows, table, wish) => {
  refuseCount(rows, table, 1, 'ordinal');
  if (wish.classes || rows.every(({ label }) => finiteNumber(label) !== undefined))
    return classTargets(rows, table, { ...wish, positive: undefined });
  const words = [...new Set(rows.map(({ label }) => label))];
  throw new BagfleetError('usage', `which order do the labels ${words.join(', ')} have?`, {
    culprit: table.file,
    hint: `Name them from least to most: --classes '${words.join(',')}'.`,
  });
};
