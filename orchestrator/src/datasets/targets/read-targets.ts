/**
 * What the bags' labels mean, by task. In: the bags' rows. Out: classes, labels and targets for the manifest.
 */
import type { Task } from '@bagfleet/proto/dataset-manifest';
import { classTargets, ordinalTargets } from './class-targets.js';
import { multilabelTargets } from './multilabel-targets.js';
import { regressionTargets } from './regression-targets.js';
import { survivalTargets } from './survival-targets.js';
import type { ReadTargets } from './targets.js';

export const READ_TARGETS: Readonly<Record<Task, ReadTargets>> = {
  classification: classTargets,
  ordinal: ordinalTargets,
  multilabel: multilabelTargets,
  survival: survivalTargets,
  regression: regressionTargets,
};
