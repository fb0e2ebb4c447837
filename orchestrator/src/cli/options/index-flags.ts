/**
 * The flags of `data index`, but those for S3: layout, labels, splits.
 */
import { TASKS, type Task } from '@bagfleet/proto/dataset-manifest';
import type { Argv } from 'yargs';
import { LAYOUTS } from '../../datasets/layouts/layouts.js';

export interface IndexFlags {
  readonly layout?: string | undefined;
  readonly features?: string | undefined;
  readonly bagBy: 'slide' | 'patient';
  readonly skipBad: boolean;
  readonly name?: string | undefined;
  readonly labels?: string | undefined;
  readonly task: Task;
  readonly labelColumns?: string | undefined;
  readonly classes?: string | undefined;
  readonly positive?: string | undefined;
  readonly split?: string | undefined;
  readonly splits?: string | undefined;
  readonly folds?: number | undefined;
  readonly seed: number;
  readonly pseudonymize?: string | undefined;
  readonly map?: string | undefined;
}

const BAGS = 'Bags:';
const LABELS = 'Labels:';
const SPLITS = 'Splits:';
const PRIVACY = 'Privacy:';

export function withIndexFlags<T>(parser: Argv<T>): Argv<T & IndexFlags> {
  return withPrivacyFlags(withSplitFlags(withLabelFlags(withBagFlags(parser))));
}

type BagFlags = Pick<IndexFlags, 'layout' | 'features' | 'bagBy' | 'skipBad' | 'name'>;

function withBagFlags<T>(parser: Argv<T>): Argv<T & BagFlags> {
  return parser
    .option('layout', {
      ...{ group: BAGS, type: 'string', requiresArg: true, choices: LAYOUTS.map(({ name }) => name) },
      describe: 'How files make up bags [as the listing shows]',
    })
    .option('features', {
      ...{ group: BAGS, type: 'string', requiresArg: true },
      describe: 'Which folder of features, where there are several',
    })
    .option('bag-by', {
      ...{ group: BAGS, requiresArg: true, choices: ['slide', 'patient'] as const },
      default: 'slide' as const,
      describe: 'One bag per slide, or all slides of a patient as one',
    })
    .option('skip-bad', {
      ...{ group: BAGS, type: 'boolean', default: false },
      describe: "Leave out bags that can't be read, and say which",
    })
    .option('name', {
      ...{ group: BAGS, type: 'string', requiresArg: true },
      describe: "Name of the dataset [the folder's]",
    }) as unknown as Argv<T & BagFlags>;
}

type LabelFlags = Pick<IndexFlags, 'labels' | 'task' | 'labelColumns' | 'classes' | 'positive'>;

function withLabelFlags<T>(parser: Argv<T>): Argv<T & LabelFlags> {
  return parser
    .option('labels', {
      ...{ group: LABELS, type: 'string', requiresArg: true },
      describe: "CSV file with the columns id and label [torchmil's labels/]",
    })
    .option('task', {
      ...{ group: LABELS, requiresArg: true, choices: TASKS },
      default: 'classification' as const,
      describe: 'What the labels are',
    })
    .option('label-columns', {
      ...{ group: LABELS, type: 'string', requiresArg: true },
      describe: 'Columns of the labels: a,b,c [label; of survival time,event]',
    })
    .option('classes', {
      ...{ group: LABELS, type: 'string', requiresArg: true },
      describe: 'Classes in their order: benign,low,high',
    })
    .option('positive', {
      ...{ group: LABELS, type: 'string', requiresArg: true },
      describe: 'The positive one of two classes',
    })
    .conflicts('classes', 'positive') as unknown as Argv<T & LabelFlags>;
}

type SplitFlags = Pick<IndexFlags, 'split' | 'splits' | 'folds' | 'seed'>;

function withSplitFlags<T>(parser: Argv<T>): Argv<T & SplitFlags> {
  return parser
    .option('split', {
      ...{ group: SPLITS, type: 'string', requiresArg: true },
      describe: 'train=0.7,val=0.15,test=0.15, or column to take the column split',
    })
    .option('splits', {
      ...{ group: SPLITS, type: 'string', requiresArg: true },
      describe: "CSV file of splits: CLAM's splits_0.csv, or columns id and split",
    })
    .option('folds', {
      ...{ group: SPLITS, type: 'number', requiresArg: true },
      describe: 'Folds of a cross-validation, for data.fold',
    })
    .option('seed', {
      ...{ group: SPLITS, type: 'number', requiresArg: true, default: 1 },
      describe: 'Another seed makes another split',
    })
    .conflicts('split', 'splits') as unknown as Argv<T & SplitFlags>;
}

type PrivacyFlags = Pick<IndexFlags, 'pseudonymize' | 'map'>;

function withPrivacyFlags<T>(parser: Argv<T>): Argv<T & PrivacyFlags> {
  return parser
    .option('pseudonymize', {
      ...{ group: PRIVACY, type: 'string', requiresArg: true },
      describe: 'File with a secret key: bags and patients get pseudonyms',
    })
    .option('map', {
      ...{ group: PRIVACY, type: 'string', requiresArg: true },
      describe: 'CSV file, kept apart, that says which name a pseudonym stands for',
    })
    .implies('pseudonymize', 'map')
    .implies('map', 'pseudonymize') as unknown as Argv<T & PrivacyFlags>;
}
