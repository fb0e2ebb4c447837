/** `bagfleet import`: weights that another tool trained become a checkpoint that predicts, is evaluated and trained on. */
import { LAYOUTS, type Layout } from '@bagfleet/worker/checkpoint/state-dict/layouts';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { CommandModule } from 'yargs';
import { interruptible } from './interruptible.js';
import { withDataset } from './job-dataset.js';
import { modelFile } from './model-words.js';
import { type JobFlags, jobOf, withJob } from './options/job-flags.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { print, printJson, remark } from './terminal.js';

interface ImportFlags extends JobFlags, JsonFlag {
  readonly weights: string;
  readonly to: string;
  readonly layout: Layout;
}

export const importWeights: CommandModule<unknown, ImportFlags> = {
  command: 'import <weights> <job>',
  describe: 'Make a checkpoint of weights that another tool trained',
  builder: (parser) =>
    withJson(withJob(parser))
      .positional('weights', {
        type: 'string',
        demandOption: true,
        describe: 'State dict: .safetensors, or .pt by torch.save',
      })
      .option('to', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'Folder or URI that shall hold the checkpoint',
      })
      .option('layout', {
        choices: LAYOUTS,
        default: 'torchmil' as const,
        describe: 'Whose names the file has',
      })
      .example('$0 import abmil.safetensors job.yaml --to imported', 'The model of job.yaml, on its dataset')
      .example('$0 import s_0_checkpoint.pt job.yaml --layout clam --to imported', "CLAM's own names"),
  handler: (flags) =>
    interruptible(async () => {
      const job = await jobOf(flags);
      const { importStateDict } = await import('../registry/import-state-dict.js');
      const imported = await withDataset(job.data, job.store, async (dataset) => {
        const store = await openStore(flags.to, job.store);
        try {
          return await importStateDict({ file: flags.weights, layout: flags.layout, job, dataset, store });
        } finally {
          store.close();
        }
      });
      const checkpoint = `${flags.to.replace(/\/$/, '')}/${imported.folder.replace(/\/$/, '')}`;
      const { sha256 } = modelFile(imported.manifest);
      if (flags.json) return printJson({ checkpoint, sha256, remarks: imported.remarks });
      for (const line of imported.remarks) remark(`${flags.weights}: ${line}.`);
      print(checkpoint);
    }),
};
