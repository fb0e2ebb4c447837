/**
 * How the members of a new generation find out who is the most advanced.
 * In: what each says of its state. Out: who holds the state that all go on from, and who has to pull it from whom;
 * the same answer on every member. A pure function of the standings.
 */
import type { CostModel } from '@bagfleet/proto';

export interface Standing {
  /** Updates applied, then epochs that are complete: after equally many updates one may have closed the epoch. */
  readonly step: number;
  readonly epoch: number;
  /** Digest of parameters, moments and progress. */
  readonly digest: string;
  readonly costs: CostModel;
}

export interface Agreement {
  /** Digest of the state that all go on from. */
  readonly digest: string;
  /** Ranks that hold it, or should: those that are as far as the most advanced one. */
  readonly donors: readonly number[];
  /** By rank: whom to pull from; null for donors. */
  readonly pullFrom: readonly (number | null)[];
  /** What the first donor learned of what bags cost. */
  readonly costs: CostModel;
}

export function agree(standings: readonly Standing[]): Agreement {
  const most = standings.reduce((a, b) => (isAhead(b, a) ? b : a));
  const ranks = standings.map((_, rank) => rank);
  const donors = ranks.filter((rank) => !isAhead(most, standings[rank]));
  const first = standings[donors[0]];
  let turn = 0;
  return {
    digest: first.digest,
    donors,
    // Those that lag are spread over the donors, so that no one sends to all.
    pullFrom: ranks.map((rank) => (donors.includes(rank) ? null : donors[turn++ % donors.length])),
    costs: first.costs,
  };
}

function isAhead(a: Standing, b: Standing): boolean {
  return a.step !== b.step ? a.step > b.step : a.epoch > b.epoch;
}

export function encodeStanding(standing: Standing): Uint8Array {
  return Buffer.from(JSON.stringify(standing));
}

export function decodeStanding(bytes: Uint8Array): Standing {
  return JSON.parse(Buffer.from(bytes).toString()) as Standing;
}
