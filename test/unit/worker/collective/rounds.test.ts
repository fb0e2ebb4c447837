/**
 * The rounds without a network: members whose parcels are delivered in every order that streams allow
 * (any interleaving of senders, in order for each pair).
 */
import assert from 'node:assert/strict';
import { CounterRng, SCHEMA_VERSION } from '@bagfleet/proto';
import { FRAME_KINDS, type FrameKind } from '@bagfleet/proto/grpc/peer-frame';
import { ExchangeRound } from '@bagfleet/worker/collective/exchange-round';
import { othersOf, type Parcel, type Round, UnfitFrame } from '@bagfleet/worker/collective/round';
import { SumRound } from '@bagfleet/worker/collective/sum-round';
import fc from 'fast-check';

interface Sent extends Parcel {
  readonly from: number;
  readonly entries: number;
}

/** Delivers everything in a random order; returns the payload bytes that each member sent. */
function run(rounds: readonly Round[], seed: number): number[] {
  const bytes = rounds.map(() => 0);
  /** One queue per pair of members. */
  const queues: Sent[][] = Array.from({ length: rounds.length ** 2 }, () => []);
  const post = (from: number, parcels: readonly Parcel[]): void => {
    for (const parcel of parcels) {
      const queue = from * rounds.length + parcel.to;
      // A stream copies a parcel's bytes when it is sent.
      const sent = { ...parcel, payload: parcel.payload.slice(), from, entries: rounds[from].entries };
      queues[queue].push(sent);
      bytes[from] += parcel.payload.byteLength;
    }
  };
  for (const [rank, round] of rounds.entries()) post(rank, round.begin());
  const draws = new CounterRng(seed, ['delivery']).uint32(2000);
  for (let i = 0; ; i++) {
    const full = queues.filter((queue) => queue.length > 0);
    if (full.length === 0) break;
    const parcel = full[draws[i % draws.length] % full.length].shift() as Sent;
    post(parcel.to, rounds[parcel.to].accept(parcel.from, frameOf(parcel)));
  }
  for (const [rank, round] of rounds.entries())
    for (const other of othersOf(rank, rounds.length)) assert.equal(round.awaited(other), null);
  return bytes;
}

function frameOf({ from, kind, segment, payload, entries }: Omit<Sent, 'to'>) {
  const position = { coordinator: 0, generation: 1, operation: 0, epoch: 1, step: 0, label: 0 };
  return { header: { version: SCHEMA_VERSION, kind, sender: from, entries, segment, ...position }, payload };
}

const group = fc.record({
  seed: fc.integer(),
  size: fc.integer({ min: 1, max: 7 }),
  length: fc.integer({ min: 0, max: 400 }),
  segment: fc.integer({ min: 1, max: 60 }),
});

describe('the sum round', () => {
  it('gives everyone the sum, in any order of delivery, and sends 2·bytes·(N-1)/N', () => {
    fc.assert(
      fc.property(group, ({ seed, size, length, segment }) => {
        const draws = new Int32Array(new CounterRng(seed, ['values']).uint32(size * length).buffer);
        const data = Array.from({ length: size }, (_, rank) =>
          draws.slice(rank * length, (rank + 1) * length),
        );
        const expected = new Int32Array(length).map((_, i) =>
          data.reduce((sum, one) => (sum + one[i]) | 0, 0),
        );
        const bytes = run(
          data.map((one, rank) => SumRound.ofInt32(rank, size, one, segment)),
          seed,
        );
        for (const one of data) assert.deepEqual(one, expected);
        // Shards differ by one entry at most: twice N - 1 parcels of one entry more or less.
        for (const sent of bytes) assert.ok(Math.abs(sent - (8 * length * (size - 1)) / size) <= 8 * size);
      }),
      { numRuns: 150 },
    );
  });

  it('of floats adds in rank order, whatever comes first', () => {
    fc.assert(
      fc.property(group, ({ seed, size, length, segment }) => {
        const draws = Float32Array.from(new CounterRng(seed, ['values']).normal(size * length));
        const data = Array.from({ length: size }, (_, rank) =>
          draws.slice(rank * length, (rank + 1) * length),
        );
        const expected = data[0].slice();
        for (const one of data.slice(1))
          for (let i = 0; i < length; i++) expected[i] = Math.fround(expected[i] + one[i]);
        run(
          data.map((one, rank) => SumRound.ofFloat32(rank, size, one, segment)),
          seed,
        );
        for (const one of data) assert.deepEqual(one, expected);
      }),
      { numRuns: 100 },
    );
  });

  it('refuses frames that do not fit', () => {
    const round = SumRound.ofInt32(0, 2, new Int32Array(10), 3);
    const accept = (kind: FrameKind, segment: number, entries: number, bytes: number) => () =>
      round.accept(1, frameOf({ from: 1, kind, segment, payload: new Uint8Array(bytes), entries }));
    assert.throws(accept(FRAME_KINDS.contribution, 0, 11, 12), /11 entries where this worker sums 10/);
    assert.throws(accept(FRAME_KINDS.contribution, 1, 10, 8), /segment 1 of 8 bytes where segment 0 was due/);
    assert.throws(accept(FRAME_KINDS.contribution, 0, 10, 8), UnfitFrame);
    assert.throws(accept(FRAME_KINDS.floatContribution, 0, 10, 12), /another method/);
    assert.throws(accept(FRAME_KINDS.exchange, 0, 10, 12), UnfitFrame);
    accept(FRAME_KINDS.contribution, 0, 10, 12)();
    accept(FRAME_KINDS.contribution, 1, 10, 8)();
    assert.throws(accept(FRAME_KINDS.contribution, 2, 10, 0), UnfitFrame);
  });

  it('says what is awaited: values before sums', () => {
    const round = SumRound.ofInt32(0, 2, new Int32Array(4), 4);
    assert.deepEqual(round.awaited(1), { what: 'its values (reduce-scatter)', needsNobody: true });
    const frame = { from: 1, segment: 0, payload: new Uint8Array(8), entries: 4 };
    round.accept(1, frameOf({ ...frame, kind: FRAME_KINDS.contribution }));
    assert.deepEqual(round.awaited(1), { what: 'its sums (all-gather)', needsNobody: false });
    round.accept(1, frameOf({ ...frame, kind: FRAME_KINDS.sum }));
    assert.equal(round.awaited(1), null);
  });
});

describe('the exchange round', () => {
  it('gives everyone all messages in rank order', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 20 }), { minLength: 1, maxLength: 7 }),
        fc.integer(),
        (all, seed) => {
          const rounds = all.map((mine, rank) => new ExchangeRound(rank, all.length, mine));
          run(rounds, seed);
          for (const round of rounds) assert.deepEqual(round.messages(), all);
        },
      ),
    );
  });

  it('refuses a second message and a frame of a sum', () => {
    const round = new ExchangeRound(0, 2, new Uint8Array(1));
    const frame = { from: 1, segment: 0, payload: new Uint8Array(1), entries: 0 };
    round.accept(1, frameOf({ ...frame, kind: FRAME_KINDS.exchange }));
    assert.throws(() => round.accept(1, frameOf({ ...frame, kind: FRAME_KINDS.exchange })), /twice/);
    assert.throws(() => round.accept(1, frameOf({ ...frame, kind: FRAME_KINDS.sum })), UnfitFrame);
  });
});
