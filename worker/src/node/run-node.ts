/**
 * A node: the worker processes of one pod, one for each of its GPUs.
 * In: which program, how many, what their environment has in common. Out: their lines, each with its worker's name;
 * the exit code with which the node is to end. A worker that dies is started again (node-rules.ts).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { visibleGpu } from '../engine/visible-gpu.js';
import { NodeLines } from './node-lines.js';
import { begun, type Consequence, ended, newNode, type ProcessEnd, told } from './node-rules.js';

export interface NodeFacts {
  /** Path of the worker program. */
  readonly program: string;
  readonly run: string;
  /** Which pod of the fleet this is: it hosts w(index·gpus) and those after it. */
  readonly index: number;
  readonly gpus: number;
  /** Begins the names of all processes: no two pods have the same. */
  readonly uid: string;
  /** The first worker's port, the others' follow; 0 takes free ones. */
  readonly port: number;
  readonly environment: NodeJS.ProcessEnv;
  readonly onLine: (line: string) => void;
  /** SIGTERM to this process. */
  readonly signal: AbortSignal;
}

export function runNode(facts: NodeFacts): Promise<number> {
  return new Promise((resolve) => new Node(facts, resolve).begin());
}

class Node {
  readonly #facts: NodeFacts;
  readonly #leave: (code: number) => void;
  readonly #lines: readonly NodeLines[];
  readonly #children = new Map<number, ChildProcess>();
  readonly #pauses = new Map<number, NodeJS.Timeout>();
  readonly #starts: number[];
  #standing: ReturnType<typeof newNode>;

  constructor(facts: NodeFacts, leave: (code: number) => void) {
    const { gpus, run } = facts;
    this.#facts = facts;
    this.#leave = leave;
    this.#lines = Array.from({ length: gpus }, (_, k) => new NodeLines(run, this.#nameOf(k)));
    this.#starts = new Array<number>(gpus).fill(0);
    this.#standing = newNode(gpus);
  }

  begin(): void {
    for (let k = 0; k < this.#facts.gpus; k++) this.#start(k);
    this.#facts.signal.addEventListener('abort', () => this.#stop(), { once: true });
  }

  #start(k: number): void {
    const { program, uid, onLine } = this.#facts;
    const name = `${uid}/${k}.${++this.#starts[k]}`;
    const bornAt = performance.now();
    const child = spawn(process.execPath, ['--enable-source-maps', program], {
      env: { ...this.#facts.environment, ...this.#environmentOf(k, name) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.set(k, child);
    this.#standing = begun(this.#standing, k);
    const lines = this.#lines[k];
    const tell = (stream: Readable | null, level: 'info' | 'warn') =>
      stream && createInterface(stream).on('line', (line) => onLine(lines.written(line, level)));
    tell(child.stdout, 'info');
    tell(child.stderr, 'warn');
    // 'error' alone means that it never started; 'close' follows both ends of its output.
    child.once('error', (error) => onLine(lines.written(error.message, 'error')));
    child.once('close', (code, signal) => this.#ended(k, name, { code, signal }, performance.now() - bornAt));
  }

  #ended(k: number, name: string, end: ProcessEnd, livedMs: number): void {
    this.#children.delete(k);
    const [standing, consequence] = ended(this.#standing, k, end, livedMs);
    this.#standing = standing;
    const pause = consequence.kind === 'restart' ? consequence.pauseMs : null;
    this.#facts.onLine(this.#lines[k].ended(name, end, pause));
    if (consequence.kind !== 'restart') return this.#follow(consequence);
    const due = setTimeout(() => {
      this.#pauses.delete(k);
      this.#start(k);
    }, consequence.pauseMs);
    this.#pauses.set(k, due);
  }

  #stop(): void {
    for (const due of this.#pauses.values()) clearTimeout(due);
    this.#pauses.clear();
    for (const child of this.#children.values()) child.kill('SIGTERM');
    const [standing, consequence] = told(this.#standing);
    this.#standing = standing;
    this.#follow(consequence);
  }

  #follow(consequence: Consequence): void {
    if (consequence.kind !== 'leave') return;
    for (const due of this.#pauses.values()) clearTimeout(due);
    this.#leave(consequence.code);
  }

  #nameOf(k: number): string {
    return `w${this.#facts.index * this.#facts.gpus + k}`;
  }

  #environmentOf(k: number, name: string): Record<string, string> {
    const { gpus, port, environment } = this.#facts;
    return {
      ...visibleGpu(k, gpus, environment),
      BAGFLEET_WORKER: this.#nameOf(k),
      BAGFLEET_INCARNATION: name,
      BAGFLEET_PORT: String(port === 0 ? 0 : port + k),
    };
  }
}
