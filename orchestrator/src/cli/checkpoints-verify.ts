/** `bagfleet checkpoints verify`: whether every byte of a checkpoint is what was written. */
import { type FileVerdict, verifyCheckpoint } from '@bagfleet/worker/checkpoint/verify-checkpoint';
import type { CommandModule } from 'yargs';
import { interruptible } from './interruptible.js';
import { checkpointWords } from './model-words.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type CheckpointFlags, withCheckpoint, withCheckpointName } from './options/model-flags.js';
import { paint, paintError, print, printJson, remark } from './terminal.js';

export const checkpointsVerify: CommandModule<unknown, CheckpointFlags & JsonFlag> = {
  command: 'verify <model>',
  describe: 'Check the files of a checkpoint against their digests',
  builder: (parser) =>
    withJson(withCheckpointName(parser))
      .example('$0 checkpoints verify latest', "The newest run's best checkpoint")
      .example('$0 checkpoints verify ./pulled', ''),
  handler: (flags) =>
    interruptible(() =>
      withCheckpoint(flags, async (checkpoint) => {
        const verdicts = await verifyCheckpoint(checkpoint);
        const problem = verdicts.find((verdict) => verdict.problem)?.problem;
        const files = verdicts.map((verdict) => ({ ...verdict, problem: verdict.problem?.toJSON() ?? null }));
        if (flags.json) printJson({ checkpoint: checkpoint.uri, whole: !problem, files });
        else print([checkpointWords(checkpoint.manifest), ...verdicts.map(lineOf)].join('\n'));
        if (!problem) return;
        remark(paintError(problem.describe()));
        process.exitCode = problem.exitCode;
      }),
    ),
};

function lineOf({ name, bytes, sha256, problem }: FileVerdict): string {
  const mark = problem ? paint('red', '✗') : paint('green', '✓');
  return `  ${mark} ${name.padEnd(22)} ${String(bytes).padStart(12)} bytes  ${sha256.slice(0, 16)}`;
}
