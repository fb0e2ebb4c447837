/** `--json`: one JSON value on standard output and nothing else there. */
import type { Argv } from 'yargs';

export interface JsonFlag {
  readonly json: boolean;
}

export function withJson<T>(parser: Argv<T>): Argv<T & JsonFlag> {
  return parser.option('json', { type: 'boolean', default: false, describe: 'Print one JSON value' });
}
