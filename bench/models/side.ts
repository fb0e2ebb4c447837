/** One side of a comparison: a process that answers each line with one line of JSON. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Timed {
  readonly seconds: number;
  readonly cpu: number;
}

export interface Side {
  ask(line: string): Promise<Timed>;
  end(): void;
}

export function startSide(program: string, args: readonly string[]): Side {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`);
      const answer = await answers.next();
      if (answer.done) throw new Error(`${program} ended with ${child.exitCode}`);
      return JSON.parse(answer.value) as Timed;
    },
    end: () => void child.stdin.end(),
  };
}
