import assert from 'node:assert/strict';
import { usageError } from '@bagfleet/orchestrator/cli/usage-error';

const known = {
  commands: ['list', 'logs', 'status', 'checkpoints list', 'checkpoints pull', 'completion'],
  flags: ['store', 'json', 'path-style', 'follow', 'f', 'help', 'h'],
};

function told(message: string, ...typed: string[]): string {
  const error = usageError(message, typed, known);
  assert.equal(error.code, 'usage');
  assert.equal(error.exitCode, 2);
  return error.describe();
}

describe('what is said of a wrong command line', () => {
  it('suggests a command', () => {
    assert.equal(
      told('Unknown argument: lsit', 'lsit'),
      'lsit: there is no such command\n  Did you mean list? Commands: list, logs, status, checkpoints, completion.',
    );
    assert.equal(
      told('Unknown argument: pul', 'checkpoints', 'pul', 'run-1'),
      'checkpoints pul: there is no such command\n  Did you mean checkpoints pull? Commands: list, pull.',
    );
  });

  it('lists the commands when none is near', () => {
    assert.match(
      told('Unknown argument: frobnicate', 'frobnicate'),
      /^frobnicate: .*\n {2}Commands: list, logs/,
    );
  });

  it('suggests a flag of the command', () => {
    assert.equal(
      told('Unknown arguments: folow', 'logs', '--folow'),
      '--folow: there is no such flag for logs\n  Did you mean --follow? See `bagfleet logs --help`.',
    );
    assert.match(
      told('Unknown arguments: pathStyl, path-styl', 'logs', '--path-styl=1'),
      /Did you mean --path-style\?/,
    );
    assert.match(told('Unknown argument: jsn', 'logs', '--no-jsn'), /Did you mean --json\?/);
    assert.match(told('Unknown argument: q', 'logs', '-q'), /^-q: there is no such flag for logs\n {2}See/);
  });

  it('blames a wrong command before a wrong flag', () => {
    assert.match(told('Unknown arguments: folow, lgs', 'lgs', '--folow'), /^lgs: there is no such command/);
  });

  it('refuses an argument too many', () => {
    assert.equal(
      told('Unknown argument: two', 'status', 'one', 'two'),
      '"two": status does not take this argument\n  See `bagfleet status --help`.',
    );
  });

  it('says the other things in plain words', () => {
    assert.equal(
      told('Not enough arguments following: store', 'list', '--store'),
      '--store needs a value\n  See `bagfleet list --help`.',
    );
    assert.equal(
      told('Not enough non-option arguments: got 0, need at least 1', 'status'),
      'an argument is missing\n  See `bagfleet status --help`.',
    );
    assert.equal(
      told(
        'Invalid values:\n  Argument: encryption, Given: "aes", Choices: "none", "sse-s3"',
        'list',
        '--encryption',
        'aes',
      ),
      '--encryption must be one of "none", "sse-s3", but "aes" was given\n  See `bagfleet list --help`.',
    );
    assert.equal(told('no command was given'), 'no command was given\n  See `bagfleet --help`.');
  });
});
