/**
 * What every Collective must do, whatever carries it: one suite for all implementations.
 * In: a way to make a group of members in this process. Out: mocha tests.
 */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CounterRng } from '@bagfleet/proto';
import type { Collective } from '@bagfleet/worker/collective/collective';
import fc from 'fast-check';

export interface Group {
  readonly members: readonly Collective[];
  /** Frees everything; the members are closed by then or closed by it. */
  end(): Promise<void>;
}

/** `deadlineMs` is the members' deadline per call. */
export type MakeGroup = (size: number, deadlineMs: number) => Promise<Group>;

const DEADLINE_MS = 20_000;

export function collectiveContract(name: string, makeGroup: MakeGroup): void {
  async function withGroup(
    size: number,
    use: (members: readonly Collective[]) => Promise<void>,
    deadlineMs = DEADLINE_MS,
  ): Promise<void> {
    const group = await makeGroup(size, deadlineMs);
    try {
      await use(group.members);
    } finally {
      for (const member of group.members) member.close();
      await group.end();
    }
  }

  describe(`${name}, as a collective`, function () {
    this.timeout(60_000);

    it('sums int32 buffers of any length over any number of members', async () => {
      const length = fc.oneof(
        { weight: 3, arbitrary: fc.integer({ min: 0, max: 2000 }) },
        { weight: 1, arbitrary: fc.integer({ min: 100_000, max: 3_000_000 }) },
        { weight: 1, arbitrary: fc.constantFrom(0, 1, 6, 131_071, 131_072, 131_073, 1_048_577) },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.integer(),
          fc.integer({ min: 1, max: 7 }),
          length,
          async (seed, size, entries) => {
            await withGroup(size, async (members) => {
              const data = members.map(({ rank }) => intsOf(seed, rank, entries));
              const expected = int32Sum(data);
              await Promise.all(members.map((member) => member.allReduceInt32(KEY, data[member.rank])));
              for (const one of data) assert.ok(sameBytes(one, expected));
            });
          },
        ),
        { numRuns: 12, endOnFailure: true },
      );
    });

    it('sums float32 buffers in rank order', async () => {
      for (const [size, entries] of [
        [1, 10],
        [3, 300_001],
        [5, 17],
      ])
        await withGroup(size, async (members) => {
          const data = members.map(({ rank }) =>
            Float32Array.from(new CounterRng(rank, ['floats']).normal(entries)),
          );
          const expected = float32Sum(data);
          await Promise.all(members.map((member) => member.allReduceFloat32(KEY, data[member.rank])));
          for (const one of data) assert.ok(sameBytes(one, expected));
        });
    });

    it('leaves what lies beside a view alone, also in shared memory', async () => {
      await withGroup(3, async (members) => {
        const whole = members.map(() => new Int32Array(new SharedArrayBuffer(4 * 1003)).fill(-5));
        await Promise.all(
          members.map(({ rank }, i) => members[i].allReduceInt32(KEY, whole[rank].subarray(1, 1002))),
        );
        for (const one of whole) {
          assert.deepEqual([one[0], one[1], one[1001], one[1002]], [-5, -15, -15, -5]);
          assert.ok(one.subarray(1, 1002).every((value) => value === -15));
        }
      });
    });

    it('gives everyone all messages in rank order, copied', async () => {
      for (const size of [1, 2, 4])
        await withGroup(size, async (members) => {
          const mine = members.map(({ rank }) => new Uint8Array(rank * 1000).fill(rank));
          const expected = mine.map((one) => one.slice());
          const all = await Promise.all(
            members.map((member) => member.exchange(KEY, 'tally', mine[member.rank])),
          );
          for (const one of mine) one.fill(99);
          for (const messages of all)
            assert.ok(messages.every((message, rank) => sameBytes(message, expected[rank])));
        });
    });

    it('keeps many steps apart though members run ahead of each other', async () => {
      await withGroup(4, async (members) => {
        await Promise.all(
          members.map(async (member) => {
            const delays = new CounterRng(member.rank, ['delays']).uniform(40);
            for (let step = 0; step < 40; step++) {
              if (delays[step] < 0.2) await sleep(delays[step] * 40);
              const key = { epoch: 1, step };
              const messages = await member.exchange(key, 'tally', Uint8Array.of(member.rank, step));
              assert.deepEqual(
                messages.map((message) => [...message]),
                [0, 1, 2, 3].map((rank) => [rank, step]),
              );
              const data = new Int32Array(1001).fill(step * 10 + member.rank);
              await member.allReduceInt32(key, data);
              assert.ok(data.every((value) => value === step * 40 + 6));
            }
          }),
        );
      });
    });

    it('exchanges while it sums, and takes several calls at once', async () => {
      await withGroup(3, async (members) => {
        await Promise.all(
          members.map(async (member) => {
            const first = new Int32Array(700_000).fill(1);
            const second = new Int32Array(5).fill(member.rank);
            const [, a, , b] = await Promise.all([
              member.allReduceInt32(KEY, first),
              member.exchange(KEY, 'a', Uint8Array.of(member.rank)),
              member.allReduceInt32(KEY, second),
              member.exchange(KEY, 'b', Uint8Array.of(10 + member.rank)),
            ]);
            assert.ok(first.every((value) => value === 3));
            assert.deepEqual([...second], [3, 3, 3, 3, 3]);
            assert.deepEqual(
              [...a, ...b].map(([byte]) => byte),
              [0, 1, 2, 10, 11, 12],
            );
          }),
        );
      });
    });

    it('names a member that is at another step, in another phase or sums another length', async () => {
      const calls: ((member: Collective, own: number) => Promise<unknown>)[] = [
        (member, own) => member.exchange({ epoch: 1, step: own }, 'tally', new Uint8Array(1)),
        (member, own) => member.exchange(KEY, own ? 'digest' : 'tally', new Uint8Array(1)),
        (member, own) => member.allReduceInt32(KEY, new Int32Array(100 + own)),
        (member, own) => member.allReduceInt32({ epoch: own, step: 0 }, new Int32Array(100)),
        (member, own) =>
          own
            ? member.allReduceInt32(KEY, new Int32Array(100))
            : member.exchange(KEY, 'tally', new Uint8Array(1)),
      ];
      for (const call of calls)
        await withGroup(2, async (members) => {
          const failures = await Promise.all(members.map((member) => failureOf(call(member, member.rank))));
          for (const failure of failures) {
            assert.equal(failure.code, 'plan-mismatch', failure.message);
            assert.match(failure.culprit ?? '', /^worker w[01] \(rank [01]\)$/);
          }
        });
    });

    it('names who does not come within the deadline, and in what', async () => {
      await withGroup(
        3,
        async ([first, second]) => {
          const key = { epoch: 3, step: 7 };
          const failures = await Promise.all(
            [first, second].map((member) => failureOf(member.exchange(key, 'tally', new Uint8Array(1)))),
          );
          for (const failure of failures) {
            assert.equal(failure.code, 'wait-timeout');
            assert.equal(failure.culprit, 'worker w2 (rank 2)');
            assert.match(failure.message, /exchange 'tally' of epoch 3 step 7.*300 ms/);
          }
        },
        300,
      );
    });

    it('names who does not come to a sum', async () => {
      await withGroup(
        3,
        async ([first, second]) => {
          const sums = [first, second].map((member) =>
            failureOf(member.allReduceInt32(KEY, new Int32Array(1000))),
          );
          for (const failure of await Promise.all(sums)) {
            assert.equal(failure.code, 'wait-timeout');
            assert.equal(failure.culprit, 'worker w2 (rank 2)');
          }
        },
        300,
      );
    });

    it('rejects its own calls when it is closed, those under way and later ones', async () => {
      await withGroup(2, async ([first]) => {
        const pending = failureOf(first.allReduceInt32(KEY, new Int32Array(9)));
        first.close(new Error('enough'));
        assert.equal((await pending).message, 'enough');
        assert.equal((await failureOf(first.exchange(KEY, 'tally', new Uint8Array(1)))).message, 'enough');
      });
    });

    it('names a member that left to those that need it, at once and in later calls', async () => {
      await withGroup(3, async ([first, second, third]) => {
        const pending = failureOf(second.allReduceInt32(KEY, new Int32Array(9)));
        first.close(new Error('enough'));
        for (const failure of [
          await pending,
          await failureOf(third.allReduceInt32(KEY, new Int32Array(9))),
        ]) {
          assert.equal(failure.code, 'worker-lost');
          assert.equal(failure.culprit, 'worker w0 (rank 0)');
        }
      });
    });

    it('rejects every call after a failure with that failure', async () => {
      await withGroup(
        2,
        async ([first]) => {
          const failure = await failureOf(first.exchange(KEY, 'tally', new Uint8Array(1)));
          assert.equal(await failureOf(first.allReduceInt32(KEY, new Int32Array(1))), failure);
          assert.equal(await failureOf(first.exchange(KEY, 'tally', new Uint8Array(1))), failure);
        },
        100,
      );
    });

    it('lets a member leave that has done its part, without harm to those still at it', async () => {
      for (let attempt = 0; attempt < 10; attempt++)
        await withGroup(3, async (members) => {
          const steps = members.map(async (member) => {
            await sleep(member.rank * 5);
            const data = new Int32Array(200_000).fill(1);
            await member.allReduceInt32(KEY, data);
            const messages = await member.exchange(KEY, 'end', Uint8Array.of(member.rank));
            member.close();
            assert.ok(data.every((value) => value === 3));
            assert.equal(messages.length, 3);
          });
          await Promise.all(steps);
        });
    });

    it('counts the payload bytes of sums and of exchanges apart', async () => {
      await withGroup(2, async (members) => {
        await Promise.all(
          members.map((member) => member.exchange(KEY, 'tally', new Uint8Array(10 + member.rank))),
        );
        await Promise.all(members.map((member) => member.allReduceInt32(KEY, new Int32Array(1000))));
        for (const { rank, counters } of members.map((member) => ({
          rank: member.rank,
          counters: member.counters(),
        }))) {
          assert.equal(counters.smallBytesSent, 10 + rank);
          assert.equal(counters.smallBytesReceived, 11 - rank);
          assert.equal(counters.gradientBytesSent, 4000);
          assert.equal(counters.gradientBytesReceived, 4000);
          assert.ok(counters.waitMs > 0);
        }
      });
    });
  });
}

const KEY = { epoch: 1, step: 0 };

interface Failure extends Error {
  readonly code?: string;
  readonly culprit?: string;
}

/** The error with which a call ends; a call that succeeds fails the test. */
export async function failureOf(call: Promise<unknown>): Promise<Failure> {
  try {
    await call;
  } catch (error) {
    return error as Failure;
  }
  throw new assert.AssertionError({ message: 'the call succeeded' });
}

/** Any int32: sums wrap, as they may not in training, so that each bit is compared. */
function intsOf(seed: number, rank: number, entries: number): Int32Array {
  const few = new Int32Array(new CounterRng(seed, ['ints', rank]).uint32(997).buffer);
  return Int32Array.from({ length: entries }, (_, i) => few[i % 997] ^ i);
}

function int32Sum(parts: readonly Int32Array[]): Int32Array {
  const sum = new Int32Array(parts[0].length);
  for (const part of parts) for (let i = 0; i < sum.length; i++) sum[i] = (sum[i] + part[i]) | 0;
  return sum;
}

function float32Sum(parts: readonly Float32Array[]): Float32Array {
  const sum = parts[0].slice();
  for (const part of parts.slice(1))
    for (let i = 0; i < sum.length; i++) sum[i] = Math.fround(sum[i] + part[i]);
  return sum;
}

function sameBytes(a: ArrayBufferView, b: ArrayBufferView): boolean {
  return Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(
    Buffer.from(b.buffer, b.byteOffset, b.byteLength),
  );
}
