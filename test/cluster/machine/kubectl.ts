/**
 * kubectl as a user would call it.
 * In: the program, a kubeconfig, arguments, standard input. Out: its exit code and both outputs.
 */
import { spawn } from 'node:child_process';

export interface Answer {
  /** 1 if a signal ended it or it could not be started. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runKubectl(
  [file = '', ...words]: readonly string[],
  kubeconfig: string,
  args: readonly string[],
  input: string,
): Promise<Answer> {
  return new Promise((resolve) => {
    const child = spawn(file, [...words, `--kubeconfig=${kubeconfig}`, ...args]);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.once('error', (error) => resolve({ code: 1, stdout, stderr: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
    child.stdin.on('error', () => {}); // it may end before it has read all
    child.stdin.end(input);
  });
}
