/** `bagfleet checkpoints export`: a checkpoint's weights as one safetensors file, by the names of another tool. */
import { exportStateDict } from '@bagfleet/worker/checkpoint/state-dict/export-state-dict';
import { LAYOUTS, type Layout } from '@bagfleet/worker/checkpoint/state-dict/layouts';
import type { CommandModule } from 'yargs';
import { interruptible } from './interruptible.js';
import { checkpointWords } from './model-words.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type CheckpointFlags, withCheckpoint, withCheckpointName } from './options/model-flags.js';
import { print, printJson, remark } from './terminal.js';
import { WholeFile } from './whole-file.js';

interface ExportFlags extends CheckpointFlags, JsonFlag {
  readonly to: string;
  readonly layout: Layout;
}

export const checkpointsExport: CommandModule<unknown, ExportFlags> = {
  command: 'export <model>',
  describe: 'Write the weights of a checkpoint for another tool',
  builder: (parser) =>
    withJson(withCheckpointName(parser))
      .option('to', {
        type: 'string',
        requiresArg: true,
        demandOption: true,
        describe: 'The safetensors file to write',
      })
      .option('layout', {
        choices: LAYOUTS,
        default: 'torchmil' as const,
        describe: 'Whose names the file shall have',
      })
      .example('$0 checkpoints export latest --to abmil.safetensors', 'For load_state_dict(…, strict=True)')
      .example('$0 checkpoints export clam-2@best --layout clam --to clam.safetensors', ''),
  handler: (flags) =>
    interruptible(() =>
      withCheckpoint(flags, async (checkpoint) => {
        const bytes = await exportStateDict(checkpoint, flags.layout);
        const file = await WholeFile.open(flags.to);
        try {
          await file.write(bytes);
          await file.commit();
        } finally {
          await file.discard();
        }
        const { layout, to } = flags;
        if (flags.json)
          return printJson({ file: to, layout, bytes: bytes.length, checkpoint: checkpoint.uri });
        remark(checkpointWords(checkpoint.manifest));
        print(to);
      }),
    ),
};
