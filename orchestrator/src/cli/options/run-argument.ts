/** The run that a command is about: its id, a unique beginning of it, or `latest`. */
import type { Argv } from 'yargs';
import { type StoreFlags, withStore } from './store-flags.js';

export interface RunArgument extends StoreFlags {
  readonly run: string | undefined;
}

export function withRun<T>(parser: Argv<T>): Argv<T & RunArgument> {
  const described = parser.positional('run', {
    type: 'string',
    describe: 'Run id, a unique beginning of it, or latest',
    defaultDescription: 'latest',
  });
  return withStore(described) as unknown as Argv<T & RunArgument>;
}
