/** One side of a comparison: a process that answers each line with one line of JSON. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Side<T> {
  ask(line: string): Promise<T>;
  end(): void;
}

export function startSide<T>(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Side<T> {
  const child = spawn(program, args, { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const answer = await answers.next();
      if (answer.done) throw new Error(`${program} ended with ${child.exitCode}`);
      return JSON.parse(answer.value) as T;
    },
    end: () => void child.stdin.end(),
  };
}
