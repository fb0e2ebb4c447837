/**
 * One member of the all-reduce benchmark, in a process of its own.
 * In: messages from bench/all-reduce.ts. Out: per round its wall milliseconds and CPU milliseconds.
 */
import type { Collective } from '@bagfleet/worker/collective/collective';
import { connectGroup } from '@bagfleet/worker/collective/grpc-collective';
import { PeerServer } from '@bagfleet/worker/collective/peer-server';

export interface ConnectOrder {
  readonly rank: number;
  readonly members: readonly { readonly id: string; readonly address: string }[];
}

export interface RoundOrder {
  readonly method: 'sharded' | 'gather';
  readonly bytes: number;
  readonly round: number;
}

export interface RoundReport {
  readonly wallMs: number;
  readonly cpuMs: number;
}

const PIECE_BYTES = 2 ** 20;
const id = process.argv[2];
const token = process.argv[3];

const server = await PeerServer.listen({ token, workerId: id });
let collective: Collective;
/** As in training, one buffer serves all rounds of a size. */
let buffer = new Int32Array(new SharedArrayBuffer(0));

process.on('message', (order: ConnectOrder | RoundOrder) => {
  void ('rank' in order ? connect(order) : measure(order)).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit());
process.send?.({ address: server.address });

async function connect({ rank, members }: ConnectOrder): Promise<object> {
  collective = await connectGroup({ server, generation: 1, rank, members, token, deadlineMs: 30_000 });
  return { connected: true };
}

/** Everyone leaves the barrier at about the same time; the barrier is not measured. */
async function measure({ method, bytes, round }: RoundOrder): Promise<RoundReport> {
  if (buffer.byteLength !== bytes) buffer = new Int32Array(new SharedArrayBuffer(bytes));
  const data = buffer.fill(collective.rank + 1);
  await collective.exchange({ epoch: 0, step: round }, 'barrier', new Uint8Array());
  const cpu = process.cpuUsage();
  const start = performance.now();
  if (method === 'sharded') await collective.allReduceInt32({ epoch: 0, step: round }, data);
  else await gatherAndAdd(round, data);
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const expected = (collective.size * (collective.size + 1)) / 2;
  if (data.some((sum) => sum !== expected)) throw new Error(`${method}: wrong sum`);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

/** The plain way over the same streams: everyone sends all to all, everyone adds all. */
async function gatherAndAdd(round: number, data: Int32Array): Promise<void> {
  const pieces: Promise<void>[] = [];
  for (let at = 0; at < data.length; at += PIECE_BYTES / 4)
    pieces.push(addPiece(round, data.subarray(at, at + PIECE_BYTES / 4)));
  await Promise.all(pieces);
}

async function addPiece(round: number, piece: Int32Array): Promise<void> {
  const mine = new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength);
  const messages = await collective.exchange({ epoch: 0, step: round }, 'piece', mine);
  for (const [rank, bytes] of messages.entries()) if (rank !== collective.rank) addBytes(piece, bytes);
}

function addBytes(piece: Int32Array, bytes: Uint8Array): void {
  const values =
    bytes.byteOffset % 4 === 0
      ? new Int32Array(bytes.buffer, bytes.byteOffset, piece.length)
      : new Int32Array(bytes.slice().buffer);
  for (let i = 0; i < piece.length; i++) piece[i] += values[i];
}
