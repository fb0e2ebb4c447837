/**
 * How a generation's members find each other.
 * In: one's own server and rank, everyone's address, the run's token. Out: a Collective on which every member
 * can hear and reach every other, or an error that names who did not come within the deadline.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { Collective } from './collective.js';
import { type Generation, type Member, nameOfGeneration, namesOfMembers } from './generation.js';
import { GrpcCollective } from './grpc-collective.js';
import type { Outbox } from './outbox.js';
import { PeerLink } from './peer-link.js';
import type { PeerServer } from './peer-server.js';
import { othersOf } from './round.js';
import type { Seats } from './seats.js';

export interface GroupArguments {
  readonly server: PeerServer;
  readonly generation: Generation;
  /** Place of this worker in `members`. */
  readonly rank: number;
  readonly members: readonly Member[];
  readonly token: string;
  /** For connecting, and then for each call: how long nothing may move. */
  readonly deadlineMs: number;
  /** Ends the connecting, and later the collective. */
  readonly signal?: AbortSignal;
}

/**
 * Errors: `wait-timeout` names the members that did not come; `peer-refused`, `peer-incompatible` and
 * `worker-lost` name the one; `cancelled` if the signal was raised.
 */
export async function connectGroup(args: GroupArguments): Promise<Collective> {
  const { server, generation, rank, members, token, deadlineMs, signal } = args;
  checkSelf(server, rank, members);
  const seats = server.join(generation, rank, members);
  const links = new Map<number, PeerLink>();
  try {
    if (signal?.aborted) throw cancelled(generation);
    for (const peer of othersOf(rank, members.length))
      links.set(peer, new PeerLink({ members, generation, own: rank, rank: peer, token }));
    const outboxes = await allConnected(seats, links, deadlineMs, signal);
    return collectiveOf(args, seats, links, outboxes);
  } catch (error) {
    for (const link of links.values()) link.close();
    seats.close(BagfleetError.from(error).message);
    throw error;
  }
}

function collectiveOf(
  { generation, rank, members, deadlineMs, signal }: GroupArguments,
  seats: Seats,
  links: ReadonlyMap<number, PeerLink>,
  outboxes: ReadonlyMap<number, Outbox>,
): Collective {
  const onAbort = () => collective.close(cancelled(generation));
  const onClose = (reason: string) => {
    signal?.removeEventListener('abort', onAbort);
    seats.close(reason);
  };
  const collective = new GrpcCollective({ generation, rank, members, deadlineMs, links, outboxes, onClose });
  signal?.addEventListener('abort', onAbort);
  seats.onClose = (reason) =>
    collective.close(new BagfleetError('cancelled', `${nameOfGeneration(generation)} is over: ${reason}`));
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
    seats.onClose = (reason) =>
      reject(new BagfleetError('cancelled', `${nameOfGeneration(seats.generation)} is over: ${reason}`));
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
    throw new BagfleetError('bug', `rank ${rank} of the members is ${members[rank]?.id}, not ${server.workerId}`);
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
