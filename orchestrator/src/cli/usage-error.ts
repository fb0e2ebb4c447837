/**
 * What is said of a command line that can't be read: the word in question and what was probably meant.
 * In: the message of the argument parser, the words typed, the commands and flags there are.
 * Out: a BagfleetError with code `usage`.
 */
import { BagfleetError, nearestWord } from '@bagfleet/proto';

export interface KnownWords {
  /** Full names: `list`, `checkpoints pull`. */
  readonly commands: readonly string[];
  /** Flags of the command that was called, without dashes. */
  readonly flags: readonly string[];
}

export function usageError(message: string, typed: readonly string[], known: KnownWords): BagfleetError {
  const unknowns = /^Unknown (?:argument|command)s?: (.*)$/.exec(message)?.[1]?.split(', ') ?? [];
  const unknown = unknowns.find((word) => !isFlag(word, typed)) ?? unknowns[0];
  const command = commandOf(typed, known.commands);
  if (unknown === undefined)
    return new BagfleetError('usage', plainMessage(message), { hint: helpHint(command) });
  if (isFlag(unknown, typed)) return unknownFlag(unknown, command, known.flags);
  return isGroup(command, known.commands)
    ? unknownCommand(unknown, command, known.commands)
    : tooMuch(unknown, command);
}

/** The longest known command that the words begin with, `checkpoints` for `checkpoints pul x`. */
function commandOf(typed: readonly string[], commands: readonly string[]): string {
  const words = typed.filter((word) => !word.startsWith('-'));
  const two = words.slice(0, 2).join(' ');
  if (commands.includes(two)) return two;
  return commands.some((name) => name.split(' ')[0] === words[0]) ? words[0] : '';
}

function isGroup(command: string, commands: readonly string[]): boolean {
  return command === '' || commands.some((name) => name.startsWith(`${command} `));
}

function isFlag(word: string, typed: readonly string[]): boolean {
  return typed.some((given) => {
    const [name] = given.replace(/^-+/, '').replace(/^no-/, '').split('=');
    return (
      given.startsWith('-') &&
      (name === word || camel(name) === word || (/^-[^-]/.test(given) && name.includes(word)))
    );
  });
}

function camel(name: string): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function unknownFlag(word: string, command: string, flags: readonly string[]): BagfleetError {
  const dashed = (name: string) => `${name.length === 1 ? '-' : '--'}${name}`;
  const nearest =
    word.length > 1
      ? nearestWord(
          word,
          flags.filter((flag) => flag !== word && camel(flag) !== word),
        )
      : undefined;
  return new BagfleetError('usage', `there is no such flag${command ? ` for ${command}` : ''}`, {
    culprit: dashed(word),
    hint: `${nearest ? `Did you mean ${dashed(nearest)}? ` : ''}${helpHint(command)}`,
  });
}

function unknownCommand(word: string, group: string, commands: readonly string[]): BagfleetError {
  const prefix = group ? `${group} ` : '';
  const names = commands
    .filter((name) => name.startsWith(prefix))
    .map((name) => name.slice(prefix.length).split(' ')[0]);
  const choices = [...new Set(names)];
  const nearest = nearestWord(word, choices);
  return new BagfleetError('usage', 'there is no such command', {
    culprit: `${prefix}${word}`,
    hint: `${nearest ? `Did you mean ${prefix}${nearest}? ` : ''}Commands: ${choices.join(', ')}.`,
  });
}

function tooMuch(word: string, command: string): BagfleetError {
  return new BagfleetError('usage', `${command} does not take this argument`, {
    culprit: JSON.stringify(word),
    hint: helpHint(command),
  });
}

function helpHint(command: string): string {
  return `See \`bagfleet ${command ? `${command} ` : ''}--help\`.`;
}

/** The parser's own sentences, shorter and in our words where they are not plain. */
function plainMessage(message: string): string {
  const missing = /^Not enough non-option arguments/.test(message);
  const value = /^Not enough arguments following: (.*)$/.exec(message)?.[1];
  const choice = /Argument: ([^,]+), Given: (.*?), Choices: (.*)$/m.exec(message);
  const pair = /^Arguments (\S+) and (\S+) are mutually exclusive/.exec(message);
  if (pair) return `--${pair[1]} and --${pair[2]} exclude each other`;
  if (choice) return `--${choice[1]} must be one of ${choice[3]}, but ${choice[2]} was given`;
  if (value !== undefined) return `--${value} needs a value`;
  return missing ? 'an argument is missing' : message.charAt(0).toLowerCase() + message.slice(1);
}
