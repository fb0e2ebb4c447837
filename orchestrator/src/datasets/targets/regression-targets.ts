/**
 * Task regression: a column per target, each a finite number.
 * Out: targets as they are; strata are the quarters of the bags by their first target, equal values in one.
 */
import { columnNames, finiteNumber, type ReadTargets, readValues, refuseCount } from './targets.js';

const STRATA = 4;

export const regressionTargets: ReadTargets = (rows, table, wish) => {
  const classes = columnNames(rows, wish);
  refuseCount(rows, table, classes.length, 'regression');
  const targets = readValues(rows, table, finiteNumber, 'a finite number');
  const first = targets.map(([value]) => value);
  const sorted = [...first].sort((a, b) => a - b);
  const quarter = (value: number) => Math.floor((sorted.indexOf(value) * STRATA) / sorted.length);
  return { classes, labels: first.map(quarter), targets };
};
