/**
 * Task survival: a time, and whether the event happened then (1) or the bag's patient was last seen then (0).
 * Out: targets [time, event]; strata are those with the event and those without.
 */
import { finiteNumber, type ReadTargets, readValues, refuseCount } from './targets.js';

const EVENTS: Readonly<Record<string, number>> = {
  '0': 0,
  no: 0,
  false: 0,
  censored: 0,
  alive: 0,
  '1': 1,
  yes: 1,
  true: 1,
  dead: 1,
  deceased: 1,
};

export const survivalTargets: ReadTargets = (rows, table) => {
  refuseCount(rows, table, 2, 'survival (a time and an event)');
  const targets = readValues(
    rows,
    table,
    (word, column) => (column === 0 ? timeOf(word) : eventOf(word)),
    'a time of 0 or more, then an event, 0 or 1',
  );
  return { classes: ['censored', 'event'], labels: targets.map(([, event]) => event), targets };
};

function timeOf(word: string): number | undefined {
  const time = finiteNumber(word);
  return time !== undefined && time >= 0 ? time : undefined;
}

/** cBioPortal writes 0:LIVING and 1:DECEASED, others 1.0. */
function eventOf(word: string): number | undefined {
  const number = finiteNumber(word.replace(/^([01]):.*$/, '$1'));
  return number === 0 || number === 1 ? number : EVENTS[word.toLowerCase()];
}
