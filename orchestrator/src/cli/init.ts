/** `bagfleet init`: writes a commented job file with every field, its meaning and its default. */
import { writeFile } from 'node:fs/promises';
import { BagfleetError, jobJsonSchema } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { commentedJob } from '../job-file/commented-job.js';
import { print, remark } from './terminal.js';

interface InitFlags {
  readonly file: string;
  readonly manifest: string;
  readonly force: boolean;
}

export const init: CommandModule<unknown, InitFlags> = {
  command: 'init [file]',
  describe: 'Write a commented job file',
  builder: (parser) =>
    parser
      .positional('file', { type: 'string', default: 'job.yaml', describe: 'File to write; - prints it' })
      .nargs('file', 1) // else yargs reads a lone dash as no value
      .option('manifest', {
        type: 'string',
        requiresArg: true,
        default: 'data/manifest.json',
        describe: "The dataset's manifest, as seen from the job file",
      })
      .option('force', { type: 'boolean', default: false, describe: 'Overwrite the file' })
      .example('$0 init', 'Write job.yaml')
      .example('$0 init nightly.yaml --manifest s3://slides/v3/manifest.json', ''),
  handler: async ({ file, manifest, force }) => {
    const given = { 'data.manifest': manifest, 'store.uri': process.env.BAGFLEET_STORE };
    const text = commentedJob(jobJsonSchema(), given);
    if (file === '-') return print(text.trimEnd());
    await write(file, text, force);
    remark(`Wrote ${file}. Next: \`bagfleet validate ${file}\`, then \`bagfleet submit ${file}\`.`);
  },
};

async function write(file: string, text: string, force: boolean): Promise<void> {
  try {
    await writeFile(file, text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    const exists = code === 'EEXIST';
    throw new BagfleetError('usage', exists ? 'is there already' : `can't be written (${code})`, {
      culprit: file,
      hint: exists
        ? 'Give another name, or overwrite it with --force.'
        : 'Give a file in a folder that you may write to.',
      cause,
    });
  }
}
