/**
 * Names of bags, patients and files that look as if they said who a patient is. In: bags. Out: a warning per kind, which
 * names bags only.
 */
import { type BagEntry, objectsOf } from '@bagfleet/proto/dataset-manifest';
import { grouped } from '../grouped.js';
import { tellOf } from './tell-of.js';
import { idsOf, listed, type Warning } from './warning.js';

export function idWarnings(bags: readonly BagEntry[]): Warning[] {
  const tells = bags.flatMap((bag) => {
    const own = new Set(namesOf(bag).flatMap((name) => tellOf(name) ?? []));
    return [...own].map((tell) => ({ tell, id: bag.id }));
  });
  return [...grouped(tells, ({ tell }) => tell)].map(([tell, telling]) => ({
    code: 'id-telling',
    message: `${listed(telling)}: id, patient or file name looks like ${tell}`,
    bags: idsOf(telling),
    hint: 'Index with --pseudonymize before logs and reports carry it (docs/privacy.md).',
  }));
}

/** Folders and the file's name without its ending. */
function namesOf(bag: BagEntry): string[] {
  const keys = new Set(objectsOf(bag).flatMap(({ key }) => key.replace(/\.[a-z0-9]+$/i, '').split('/')));
  return [bag.id, ...(bag.patient === undefined ? [] : [bag.patient]), ...keys];
}
