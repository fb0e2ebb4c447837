/** What the manifest alone shows. In: a manifest. Out: warnings. Pure. */
import type { DatasetManifest } from '@bagfleet/proto/dataset-manifest';
import { classWarnings } from './classes.js';
import { sharedObjects } from './objects.js';
import { patientWarnings } from './patients.js';
import { sizeWarnings } from './sizes.js';
import { idWarnings } from './telling-ids.js';
import type { Warning } from './warning.js';

export function manifestWarnings(manifest: DatasetManifest): Warning[] {
  const { bags } = manifest;
  return [
    ...sharedObjects(bags),
    ...patientWarnings(bags),
    ...classWarnings(manifest),
    ...sizeWarnings(bags),
    ...idWarnings(bags),
  ];
}
