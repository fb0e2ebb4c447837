/**
 * Members in processes of their own: the same sums everywhere, and what the others see when one dies or goes silent.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CounterRng } from '@bagfleet/proto';
import type { CollectiveCounters } from '@bagfleet/worker/collective/collective';
import type { Order } from './member-process.js';

interface Failure {
  readonly code: string;
  readonly culprit: string;
  readonly message: string;
}
interface Outcome {
  readonly digest: string;
  readonly counters: CollectiveCounters;
}
type Reply = Partial<{
  address: string;
  connected: boolean;
  step: number;
  outcome: Outcome;
  failure: Failure;
}>;

/** A member process and its replies, in order. */
class MemberProcess {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly #replies: Reply[] = [];
  #wake: (() => void) | undefined;

  constructor(id: string) {
    const path = fileURLToPath(new URL('./member-process.ts', import.meta.url));
    this.child = fork(path, [id, 'run-token'], { execArgv: ['--import', 'tsx'] });
    this.exit = once(this.child, 'exit').then(([code]) => code as number | null);
    this.child.on('message', (reply: Reply) => {
      this.#replies.push(reply);
      this.#wake?.();
    });
  }

  tell(order: Order): void {
    this.child.send(order);
  }

  /** The next reply that has `field`; others before it are dropped. */
  async next<K extends keyof Reply>(field: K): Promise<NonNullable<Reply[K]>> {
    for (;;) {
      const reply = this.#replies.shift();
      const value = reply?.[field];
      if (value !== undefined) return value as NonNullable<Reply[K]>;
      if (reply?.failure) throw new Error(`${reply.failure.culprit}: ${reply.failure.message}`);
      if (!reply) await this.#more();
    }
  }

  async #more(): Promise<void> {
    const came = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    const gone = this.exit.then((code) => {
      throw new Error(`the process ended with ${code}`);
    });
    await Promise.race([came, gone]);
  }
}

async function withProcesses(
  size: number,
  deadlineMs: number,
  use: (members: readonly MemberProcess[]) => Promise<void>,
): Promise<void> {
  const processes = Array.from({ length: size }, (_, rank) => new MemberProcess(`w${rank}`));
  try {
    const addresses = await Promise.all(processes.map((one) => one.next('address')));
    const members = addresses.map((address, rank) => ({ id: `w${rank}`, address }));
    for (const [rank, one] of processes.entries())
      one.tell({ connect: { generation: 1, rank, members, deadlineMs } });
    await Promise.all(processes.map((one) => one.next('connected')));
    await use(processes);
  } finally {
    for (const { child } of processes) child.kill('SIGKILL');
    await Promise.all(processes.map((one) => one.exit));
  }
}

/** What every member must have digested: the plainest computation of the same steps. */
function expectedDigest(size: number, count: number, entries: number): string {
  const digest = createHash('sha256');
  for (let step = 0; step < count; step++) {
    for (let rank = 0; rank < size; rank++) digest.update(`w${rank}/${step}`);
    const sum = new Int32Array(entries);
    for (let rank = 0; rank < size; rank++) {
      const values = new CounterRng(step, ['values', rank]).uint32(1000);
      for (let i = 0; i < entries; i++) sum[i] += values[i % 1000] >> 4;
    }
    digest.update(sum);
  }
  return digest.digest('hex');
}

describe('members in processes of their own', function () {
  this.timeout(60_000);

  for (const size of [1, 2, 3])
    it(`${size}: reach the same sums, send 2·bytes·(N-1)/N each and end by themselves`, async () => {
      await withProcesses(size, 20_000, async (processes) => {
        const [count, entries] = [8, 300_007];
        for (const one of processes) one.tell({ steps: { count, entries } });
        const outcomes = await Promise.all(processes.map((one) => one.next('outcome')));
        const expected = expectedDigest(size, count, entries);
        const due = (count * 2 * 4 * entries * (size - 1)) / size;
        for (const { digest, counters } of outcomes) {
          assert.equal(digest, expected);
          assert.ok(Math.abs(counters.gradientBytesSent - due) <= 0.02 * due);
          assert.ok(Math.abs(counters.gradientBytesReceived - due) <= 0.02 * due);
        }
        for (const one of processes) one.tell({ end: true });
        assert.deepEqual(await Promise.all(processes.map((one) => one.exit)), new Array(size).fill(0));
      });
    });

  it('name a member that was killed in mid-step, within 2 seconds', async () => {
    await withProcesses(3, 30_000, async (processes) => {
      const [first, second, victim] = processes;
      for (const one of processes) one.tell({ steps: { count: 10_000, entries: 2_000_000, report: true } });
      while ((await victim.next('step')) < 2);
      victim.child.kill('SIGKILL');
      const killed = performance.now();
      for (const failure of await Promise.all([first.next('failure'), second.next('failure')])) {
        assert.equal(failure.code, 'worker-lost');
        assert.equal(failure.culprit, 'worker w2 (rank 2)');
      }
      assert.ok(performance.now() - killed < 2000);
    });
  });

  it('name a member that went silent, after the deadline', async () => {
    await withProcesses(3, 1500, async (processes) => {
      const [first, second, victim] = processes;
      for (const one of processes) one.tell({ steps: { count: 10_000, entries: 500_000, report: true } });
      while ((await victim.next('step')) < 2);
      victim.child.kill('SIGSTOP');
      const failures = await Promise.all([first.next('failure'), second.next('failure')]);
      for (const failure of failures) assert.equal(failure.code, 'wait-timeout', failure.message);
      // Whoever waits for the silent member itself names it; the other may first see the one that waits for it.
      assert.ok(
        failures.some((failure) => failure.culprit === 'worker w2 (rank 2)'),
        failures[0].message,
      );
      for (const failure of failures)
        assert.match(failure.message, /(tally|exact sum).*1500 ms.*worker w\d \(rank \d\): /);
    });
  });
});
