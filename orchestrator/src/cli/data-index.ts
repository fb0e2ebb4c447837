/** `bagfleet data index`: makes the manifest of a folder of .npy bags from a table of labels. */
import { createHash } from 'node:crypto';
import { BagfleetError } from '@bagfleet/proto/errors';
import { loadManifest, MANIFEST_FILE, type OpenStore } from '@bagfleet/worker/data/load-manifest';
import type { Argv, CommandModule } from 'yargs';
import { datasetPage } from '../datasets/dataset-page.js';
import { describeDataset } from '../datasets/describe-dataset.js';
import { indexBags } from '../datasets/index-bags.js';
import { readLabels } from '../datasets/labels-csv.js';
import { manifestBytes } from '../datasets/manifest-file.js';
import { splitRule } from '../datasets/split-rule.js';
import { lineProgress } from './data-progress.js';
import { type DataStoreFlags, dataStoreOpener, withDataStore } from './data-store.js';
