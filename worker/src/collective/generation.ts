/**
 * Who belongs together: a generation of the fleet and its members.
 * In: what the coordinator said. Out: names for errors, and which of two generations is the later.
 */

/** A coordinator that takes over counts its generations anew, under a higher lease number. */
export interface Generation {
  /** Lease number of the coordinator, 0 … 2^32-1; 0 where no lease is kept. */
  readonly coordinator: number;
  /** 0 … 2^32-1, counted by that coordinator. */
  readonly number: number;
}

export interface Member {
  readonly id: string;
  /** host:port of its PeerServer. */
  readonly address: string;
}

/** Negative if `a` is earlier than `b`, 0 if they are the same. */
export function compareGenerations(a: Generation, b: Generation): number {
  return a.coordinator - b.coordinator || a.number - b.number;
}

export function nameOfGeneration(generation: Generation): string {
  return `generation ${generation.number} of coordinator ${generation.coordinator}`;
}

/** How errors name a member; whom they blame is read from it again (session/suspects.ts). */
export function nameAt(id: string, rank: number): string {
  return `worker ${id} (rank ${rank})`;
}

export function nameOfMember(members: readonly Member[], rank: number): string {
  return nameAt(members[rank]?.id ?? 'unknown', rank);
}

export function namesOfMembers(members: readonly Member[], ranks: Iterable<number>): string {
  return [...ranks].map((rank) => nameOfMember(members, rank)).join(', ');
}
