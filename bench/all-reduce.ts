/**
 * How long the exact all-reduce takes between processes on this machine, beside a plain gather-and-add over the
 * same gRPC streams; the two take turns, so that a busy moment hits both.
 *
 *   npx tsx bench/all-reduce.ts [rounds] [--json]
 *
 * Out: per number of processes and size the median and the best wall time of the slowest member, and the median
 * CPU time of one member.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { RoundOrder, RoundReport } from './all-reduce-worker.js';

const MEMBERS = [2, 3];
const MEBIBYTES = [1, 8, 64];
const METHODS = ['sharded', 'gather'] as const;
const WARM_UP = 3;
const rounds = Number(process.argv[2] ?? 21);

interface Row {
  readonly processes: number;
  readonly mebibytes: number;
  readonly method: string;
  readonly medianMs: number;
  readonly bestMs: number;
  readonly cpuMs: number;
}

const rows: Row[] = [];
for (const processes of MEMBERS) rows.push(...(await measureGroup(processes)));
if (process.argv.includes('--json')) console.log(JSON.stringify(rows));
else console.table(rows);

async function measureGroup(processes: number): Promise<Row[]> {
  const token = randomBytes(16).toString('hex');
  const ids = Array.from({ length: processes }, (_, rank) => `w${rank}`);
  const children = ids.map((id) => startMember(id, token));
  try {
    const addresses = await Promise.all(children.map((child) => nextMessage<{ address: string }>(child)));
    const members = ids.map((id, rank) => ({ id, address: addresses[rank].address }));
    await Promise.all(children.map((child, rank) => ask(child, { rank, members })));
    const group: Row[] = [];
    for (const mebibytes of MEBIBYTES) group.push(...(await measureSize(children, mebibytes)));
    return group;
  } finally {
    for (const child of children) child.disconnect();
  }
}

async function measureSize(children: readonly ChildProcess[], mebibytes: number): Promise<Row[]> {
  const reports: Record<string, RoundReport[][]> = { sharded: [], gather: [] };
  for (let round = 0; round < WARM_UP + rounds; round++)
    for (const method of METHODS) {
      const order: RoundOrder = { method, bytes: mebibytes * 2 ** 20, round };
      const report = await Promise.all(children.map((child) => ask<RoundReport>(child, order)));
      if (round >= WARM_UP) reports[method].push(report);
    }
  return METHODS.map((method) => {
    const walls = reports[method].map((members) => Math.max(...members.map((member) => member.wallMs)));
    const cpus = reports[method].flatMap((members) => members.map((member) => member.cpuMs));
    return {
      processes: children.length,
      mebibytes,
      method,
      medianMs: round1(median(walls)),
      bestMs: round1(Math.min(...walls)),
      cpuMs: round1(median(cpus)),
    };
  });
}

function startMember(id: string, token: string): ChildProcess {
  const path = fileURLToPath(new URL('./all-reduce-worker.ts', import.meta.url));
  return fork(path, [id, token], { execArgv: ['--import', 'tsx'] });
}

function ask<T>(child: ChildProcess, order: object): Promise<T> {
  const answer = nextMessage<T>(child);
  child.send(order);
  return answer;
}

function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    child.once('message', (message) => {
      child.off('exit', onExit);
      resolve(message as T);
    });
    const onExit = (code: number | null) => reject(new Error(`a member ended with exit code ${code}`));
    child.once('exit', onExit);
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function round1(value: number): number {
  return Math.round(value * 10) / 10;
}
