/**
 * The command line: which commands there are and how their words are read.
 * In: words and commands. Out: the command run, or an error that says what is wrong with the words.
 */
import { BagfleetError } from '@bagfleet/proto';
import yargs, { type Argv, type CommandModule } from 'yargs';
import { terminalWidth } from './terminal.js';
import { usageError } from './usage-error.js';

const WIDEST_HELP = 100;

// biome-ignore lint/suspicious/noExplicitAny: each command has its own arguments
export type Command = CommandModule<any, any>;

/** A command that only holds others, such as `checkpoints`. */
export interface CommandGroup extends Command {
  readonly commands: readonly Command[];
}

export function commandGroup(name: string, describe: string, commands: readonly Command[]): CommandGroup {
  return {
    command: name,
    describe,
    commands,
    builder: (parser) => withCommands(parser, commands).demandCommand(1, `${name} needs a command`),
    handler: () => {},
  };
}

export async function runProgram(
  words: readonly string[],
  commands: readonly Command[],
  version: string,
): Promise<void> {
  const parser: Argv = yargs([...words])
    .locale('en')
    .scriptName('bagfleet')
    .usage('$0 <command> [options]\n\nTrains models on bags: the same result on any number of workers.')
    .strict()
    .demandCommand(1, 'no command was given')
    .completion('completion', 'Print a completion script for bash, zsh or fish')
    .version(version)
    .alias({ h: 'help', V: 'version' })
    .wrap(Math.min(WIDEST_HELP, terminalWidth()))
    .exitProcess(false)
    .fail((message, error) => {
      throw error instanceof BagfleetError || (error && error.name !== 'YError')
        ? error
        : usageError(message, words, { commands: namesOf(commands), flags: flagsOf(parser) });
    });
  const complete = withCommands(parser, commands);
  if (words.length === 0) complete.showHelp('error');
  await complete.parseAsync();
}

/** In the help of each command its own options come first, groups that it shares with others after them. */
function withCommands(parser: Argv, commands: readonly Command[]): Argv {
  return commands.reduce((all, command) => {
    const builder = command.builder as (own: Argv) => Argv;
    return all.command({ ...command, builder: (own: Argv) => builder(own.group([], 'Options:')) });
  }, parser);
}

function namesOf(commands: readonly Command[]): string[] {
  const names = commands.flatMap((command) => {
    const name = String(command.command).split(' ')[0];
    return 'commands' in command
      ? namesOf((command as CommandGroup).commands).map((inner) => `${name} ${inner}`)
      : [name];
  });
  return [...names, 'completion'].filter((name, index, all) => all.indexOf(name) === index);
}

/** Flags of the command that was being read, as `--help` lists them. */
function flagsOf(parser: Argv): string[] {
  const aliases = parser.parsed ? Object.entries(parser.parsed.aliases).flat(2) : [];
  return [...new Set(aliases)].filter((name) => !/[A-Z]/.test(name) || name.length === 1);
}
