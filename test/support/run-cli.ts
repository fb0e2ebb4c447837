/**
 * The built command line as users call it: a process of its own, with its exit code and both outputs.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const CLI = fileURLToPath(new URL('../../orchestrator/dist/cli/main.js', import.meta.url));

export interface CliResult {
  /** null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Called with each piece of standard output and a way to send a signal. */
  readonly onOutput?: (soFar: string, kill: (signal: NodeJS.Signals) => void) => void;
}

/** The test's environment without what would change the output. */
function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const {
    COLUMNS: _,
    BAGFLEET_STORE: __,
    FORCE_COLOR: ___,
    NO_COLOR: ____,
    NODE_OPTIONS: _____,
    TF_CPP_MIN_LOG_LEVEL: ______,
    ...env
  } = process.env;
  return { ...env, ...extra };
}

export function runCli(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runProcess(process.execPath, [CLI, ...words], options);
}

/** Another entry point of the built packages. */
export function runNode(words: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  return runProcess(process.execPath, words, options);
}

/** A bash script in which `bagfleet` is the built command line. */
export function runBash(script: string, options: CliOptions = {}): Promise<CliResult> {
  const define = `bagfleet() { '${process.execPath}' '${CLI}' "$@"; }\n`;
  return runProcess('bash', ['-c', define + script], options);
}

function runProcess(file: string, words: readonly string[], options: CliOptions): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, words, {
      cwd: options.cwd,
      env: cleanEnvironment(options.env),
      stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(stdout, (signal) => child.kill(signal));
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    if (options.input !== undefined) child.stdin?.end(options.input);
  });
}

/** Bad input: code 2, one short message on standard error and nothing else, in particular no stack. */
export function assertRefused({ code, stdout, stderr }: CliResult, message: RegExp): void {
  assert.match(stderr, message);
  assert.equal(code, 2, stderr);
  assert.equal(stdout, '');
  assert.doesNotMatch(stderr, /\n\s+at |node:internal|this is a bug/);
}
