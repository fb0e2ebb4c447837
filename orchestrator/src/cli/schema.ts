/** `bagfleet schema`: the job file's JSON Schema, for editors. */
import { jobJsonSchema } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { print } from './terminal.js';

export const schema: CommandModule = {
  command: 'schema',
  describe: 'Print the JSON Schema of the job file',
  builder: (parser) =>
    parser.example('$0 schema > job.schema.json', 'For completion and checks in an editor'),
  handler: () => print(JSON.stringify(jobJsonSchema(), null, 2)),
};
