/**
 * Task multilabel: a column per class, in which each bag has yes or no.
 * Out: targets 0 or 1 per class; strata are the combinations that occur.
 */
import { columnNames, type ReadTargets, readValues, refuseCount } from './targets.js';

const WORDS: Readonly<Record<string, number>> = {
  '0': 0,
  no: 0,
  false: 0,
  negative: 0,
  neg: 0,
  '1': 1,
  yes: 1,
  true: 1,
  positive: 1,
  pos: 1,
};

export const multilabelTargets: ReadTargets = (rows, table, wish) => {
  const classes = columnNames(rows, wish);
  refuseCount(rows, table, classes.length, 'multilabel');
  const targets = readValues(rows, table, (word) => WORDS[word.toLowerCase()], '0 or 1 (no, yes)');
  const combinations = targets.map((values) => values.join(''));
  const strata = [...new Set(combinations)].sort();
  return { classes, labels: combinations.map((combination) => strata.indexOf(combination)), targets };
};
