/** `bagfleet checkpoints list`: the checkpoints of a run, oldest first. */
import { type ListedCheckpoint, listCheckpoints } from '@bagfleet/worker/checkpoint/list-checkpoints';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { CommandModule } from 'yargs';
import { folderOfRun } from '../registry/find-checkpoint.js';
import { spoken } from '../report/metric-words.js';
import { type Column, inColumns } from './columns.js';
import { modelFile } from './model-words.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type RunArgument, withRun } from './options/run-argument.js';
import { storeOptionsOf } from './options/store-flags.js';
import { paint, print, printJson, remark, tableWidth } from './terminal.js';
import { numberWords } from './words.js';

export const checkpointsList: CommandModule<unknown, RunArgument & JsonFlag> = {
  command: 'list [run]',
  aliases: ['ls'],
  describe: 'List the checkpoints of a run',
  builder: (parser) => withJson(withRun(parser)).example('$0 checkpoints list', 'Of the newest run'),
  handler: async (flags) => {
    const stores = storeOptionsOf(flags);
    const uri = await folderOfRun(flags.run, stores);
    const run = await openStore(uri, stores);
    try {
      const rows = await listCheckpoints(run);
      if (flags.json) return printJson(rows.map(summary));
      if (rows.length === 0) return remark(`${uri} has no checkpoints yet.`);
      print(inColumns(rows, COLUMNS, tableWidth()));
    } finally {
      run.close();
    }
  },
};

const COLUMNS: readonly Column<ListedCheckpoint>[] = [
  { title: 'STEP', value: ({ step }) => String(step), align: 'right' },
  { title: 'EPOCH', value: ({ manifest }) => String(manifest?.progress.epoch ?? '–'), align: 'right' },
  { title: 'SCORE', value: scoreOf },
  { title: '', value: marksOf },
  {
    title: 'MODEL SHA256',
    value: ({ manifest }) => (manifest ? modelFile(manifest).sha256.slice(0, 16) : ''),
  },
  { title: 'WHERE', value: ({ uri }) => uri },
];

function scoreOf({ manifest }: ListedCheckpoint): string {
  if (!manifest) return '–';
  const { metric } = manifest.job.validation;
  return `${spoken(metric)} ${numberWords(manifest.validation?.[metric])}`;
}

function marksOf({ isBest, isLatest, manifest, problem }: ListedCheckpoint): string {
  if (problem) return paint('red', problem.message);
  if (!manifest) return paint('yellow', 'unfinished');
  return [isBest ? paint('green', 'best') : '', isLatest ? 'latest' : ''].filter(Boolean).join(' ');
}

function summary({ step, uri, manifest, problem, isLatest, isBest }: ListedCheckpoint): unknown {
  return {
    step,
    uri,
    isLatest,
    isBest,
    whole: manifest !== null,
    ...(manifest && {
      epoch: manifest.progress.epoch,
      validation: manifest.validation,
      threshold: manifest.threshold,
      sha256: modelFile(manifest).sha256,
      files: manifest.files,
    }),
    ...(problem && { problem: problem.toJSON() }),
  };
}
