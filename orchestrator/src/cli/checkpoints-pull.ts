/** `bagfleet checkpoints pull`: copies a checkpoint to a folder here, verified, whole or not at all. */
import { checkpointFolder } from '@bagfleet/proto';
import type { LocatedCheckpoint } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import { pullCheckpoint } from '@bagfleet/worker/checkpoint/pull-checkpoint';
import type { CommandModule } from 'yargs';
import { interruptible } from './interruptible.js';
import { checkpointWords, modelFile } from './model-words.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type CheckpointFlags, withCheckpoint, withCheckpointName } from './options/model-flags.js';
import { print, printJson, remark } from './terminal.js';

interface PullFlags extends CheckpointFlags, JsonFlag {
  readonly to?: string | undefined;
}

export const checkpointsPull: CommandModule<unknown, PullFlags> = {
  command: 'pull <model>',
  describe: 'Copy a checkpoint to a folder on this machine',
  builder: (parser) =>
    withJson(withCheckpointName(parser))
      .option('to', {
        type: 'string',
        requiresArg: true,
        defaultDescription: './RUN-step-NNNNNN',
        describe: 'Folder that shall hold it',
      })
      .example('$0 checkpoints pull latest', "The newest run's best checkpoint")
      .example('$0 checkpoints pull mnist-2@42 --to model', ''),
  handler: (flags) =>
    interruptible(() =>
      withCheckpoint(flags, async (checkpoint) => {
        const folder = await pullCheckpoint(checkpoint, flags.to ?? usualFolder(checkpoint));
        const { sha256 } = modelFile(checkpoint.manifest);
        if (flags.json) return printJson({ folder, checkpoint: checkpoint.uri, sha256 });
        remark(checkpointWords(checkpoint.manifest));
        print(folder);
      }),
    ),
};

function usualFolder({ manifest }: LocatedCheckpoint): string {
  const step = checkpointFolder(manifest.progress.step).split('/').at(-2);
  return `${manifest.run}-${step}`;
}
