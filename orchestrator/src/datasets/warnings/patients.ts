/** Patients whose bags lie in several splits or folds: what is learned of a patient is then tested on the same one. */
import type { BagEntry } from '@bagfleet/proto/dataset-manifest';
import { groupsBy } from '../groups-by.js';
import { acrossSplits } from './across-splits.js';
import { idsOf, listed, type Warning } from './warning.js';

const HINT = 'Index again with a column patient: splits and folds then keep patients together.';

export function patientWarnings(bags: readonly BagEntry[]): Warning[] {
  const known = bags.filter((bag) => bag.patient !== undefined);
  const byPatient = groupsBy(known, (bag) => bag.patient ?? '');
  const torn = (part: (bag: BagEntry) => unknown) => (group: BagEntry[]) => new Set(group.map(part)).size > 1;
  return [
    ...byPatient.filter(torn((bag) => bag.split)).map(
      (group): Warning => ({
        code: 'patient-in-splits',
        message: `${listed(group)} are of one patient${acrossSplits(group)}`,
        bags: idsOf(group),
        hint: HINT,
      }),
    ),
    ...byPatient.filter(torn((bag) => bag.fold)).map(
      (group): Warning => ({
        code: 'patient-in-folds',
        message: `${listed(group)} are of one patient, but of several folds`,
        bags: idsOf(group),
        hint: HINT,
      }),
    ),
  ];
}
