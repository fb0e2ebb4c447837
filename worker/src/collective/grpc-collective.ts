/**
 * The collective over gRPC: how the members of a generation find each other.
 * In: one's own server and rank, everyone's address, the run's token. Out: a Collective on which every member
 * can hear and reach every other, or an error that names who did not come within the deadline.
 */
import { BagfleetError } from '@bagfleet/proto';
import { type Faults, NO_FAULTS } from '../faults/faults.js';
import type { Collective } from './collective.js';
import { type Generation, type Member, nameOfGeneration, namesOfMembers } from './generation.js';
import type { Outbox } from './outbox.js';
import { PeerLink } from './peer-link.js';
import type { PeerServer } from './peer-server.js';
import { othersOf } from './round.js';
import type { Seats } from './seats.js';
import { type ConnectedGroup, StreamCollective } from './stream-collective.js';

export interface GroupArguments {
  readonly server: PeerServer;
  /** Number of the generation, counted by its coordinator. */
  readonly generation: number;
  /** Lease number of that coordinator, where leases are kept; a higher one ends all generations of a lower. */
  readonly lease?: number;
  /** Place of this worker in `members`. */
  readonly rank: number;
  readonly members: readonly Member[];
  readonly token: string;
  /** For connecting, and then for each call: how long nothing may move. */
  readonly deadlineMs: number;
  /** Ends the connecting, and later the collective. */
  readonly signal?: AbortSignal;
  readonly faults?: Faults;
}

/**
 * Errors: `wait-timeout` names the members that did not come; `peer-refused`, `peer-incompatible` and
 * `worker-lost` name the one; `cancelled` if the signal was raised.
 */
export async function connectGroup(args: GroupArguments): Promise<Collective> {
  const { server, rank, members, token, deadlineMs, signal, faults = NO_FAULTS } = args;
  const generation = { coordinator: args.lease ?? 0, number: args.generation };
  checkSelf(server, rank, members);
  const seats = server.join(generation, rank, members);
  const links = new Map<number, PeerLink>();
  try {
    if (signal?.aborted) throw cancelled(generation);
    const { identity } = server;
    for (const peer of othersOf(rank, members.length))
      links.set(peer, new PeerLink({ members, generation, own: rank, rank: peer, token, identity }));
    const outboxes = await allConnected(seats, links, deadlineMs, signal);
    return collectiveOf({ generation, rank, members, deadlineMs, links, outboxes, faults }, seats, signal);
  } catch (error) {
    for (const link of links.values()) link.close();
    seats.close(BagfleetError.from(error).message);
    throw error;
  }
}

/** Ties three ends together: closing the collective, leaving the seats, raising the signal. */
function collectiveOf(
  group: Omit<ConnectedGroup, 'onClose'>,
  seats: Seats,
  signal: AbortSignal | undefined,
): Collective {
  const { generation } = group;
  const onAbort = () => collective.close(cancelled(generation));
  const onClose = (reason: string) => {
    signal?.removeEventListener('abort', onAbort);
    seats.close(reason);
  };
  const collective = new StreamCollective({ ...group, onClose });
  signal?.addEventListener('abort', onAbort);
  seats.onClose = (reason) => collective.close(ended(generation, reason));
  return collective;
}

/** Every member hears us (our link was admitted) and every member came to hear (its seat is taken). */
async function allConnected(
  seats: Seats,
  links: ReadonlyMap<number, PeerLink>,
  deadlineMs: number,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<number, Outbox>> {
  const outboxes = new Map<number, Outbox>();
  const absent = new Set(links.keys());
  const coming = [...links].map(async ([rank, link]) => {
    const [outbox] = await Promise.all([seats.outboxOf(rank), link.hello]);
    outboxes.set(rank, outbox);
    absent.delete(rank);
  });
  let giveUp: (() => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  const interrupted = new Promise<never>((_, reject) => {
    giveUp = () => reject(cancelled(seats.generation));
    signal?.addEventListener('abort', giveUp);
    timer = setTimeout(() => reject(notCome(seats, absent, deadlineMs)), deadlineMs);
    seats.onClose = (reason) => reject(ended(seats.generation, reason));
  });
  try {
    await Promise.race([Promise.all(coming), interrupted]);
    return outboxes;
  } finally {
    clearTimeout(timer);
    seats.onClose = undefined;
    if (giveUp) signal?.removeEventListener('abort', giveUp);
  }
}

function checkSelf(server: PeerServer, rank: number, members: readonly Member[]): void {
  if (members[rank]?.id !== server.workerId)
    throw new BagfleetError(
      'bug',
      `rank ${rank} of the members is ${members[rank]?.id}, not ${server.workerId}`,
    );
}

function notCome(seats: Seats, absent: ReadonlySet<number>, deadlineMs: number): BagfleetError {
  const names = namesOfMembers(seats.members, absent);
  const message = `waited ${deadlineMs} ms for ${names} to join ${nameOfGeneration(seats.generation)}`;
  return new BagfleetError('wait-timeout', message, {
    culprit: names,
    hint: 'See whether that worker still runs and can be reached.',
  });
}

function cancelled(generation: Generation): BagfleetError {
  return new BagfleetError('cancelled', `the work of ${nameOfGeneration(generation)} was cancelled`);
}

function ended(generation: Generation, reason: string): BagfleetError {
  return new BagfleetError('cancelled', `${nameOfGeneration(generation)} is over: ${reason}`);
}
