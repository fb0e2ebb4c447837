/**
 * One member of a group, as a process of its own: it does what the test tells it by messages.
 * In: `{ connect }`, `{ steps }`, `{ end }`. Out: `{ address }`, `{ connected }`, `{ step }`, `{ outcome }` or `{ failure }`.
 */
import { createHash } from 'node:crypto';
import { CounterRng } from '@bagfleet/proto';
import type { Collective } from '@bagfleet/worker/collective/collective';
import { connectGroup } from '@bagfleet/worker/collective/grpc-collective';
import { PeerServer } from '@bagfleet/worker/collective/peer-server';

export interface ConnectOrder {
  readonly connect: {
    readonly generation: number;
    readonly rank: number;
    readonly members: readonly { readonly id: string; readonly address: string }[];
    readonly deadlineMs: number;
  };
}
export interface StepsOrder {
  /** `report` announces each step before it begins. */
  readonly steps: { readonly count: number; readonly entries: number; readonly report?: boolean };
}
export type Order = ConnectOrder | StepsOrder | { readonly end: true };

const [id, token] = process.argv.slice(2);
const server = await PeerServer.listen({ token, workerId: id });
let collective: Collective;

process.on('message', (order: Order) => {
  obey(order).then(
    (reply) => reply && process.send?.(reply),
    (error: { code?: string; culprit?: string; message: string }) =>
      process.send?.({ failure: { code: error.code, culprit: error.culprit, message: error.message } }),
  );
});
process.send?.({ address: server.address });

async function obey(order: Order): Promise<object | null> {
  if ('connect' in order) {
    collective = await connectGroup({ server, token, ...order.connect });
    return { connected: true };
  }
  if ('steps' in order) return takeSteps(order.steps);
  // Nothing else may keep this process alive: it ends by itself, or the test fails.
  collective.close();
  await server.close();
  process.disconnect();
  return null;
}

async function takeSteps({ count, entries, report }: StepsOrder['steps']): Promise<object> {
  const digest = createHash('sha256');
  for (let step = 0; step < count; step++) {
    if (report) process.send?.({ step });
    const key = { epoch: 1, step };
    const messages = await collective.exchange(key, 'tally', Buffer.from(`${id}/${step}`));
    for (const message of messages) digest.update(message);
    const values = new CounterRng(step, ['values', collective.rank]).uint32(1000);
    const data = new Int32Array(new SharedArrayBuffer(4 * entries)).map((_, i) => values[i % 1000] >> 4);
    await collective.allReduceInt32(key, data);
    digest.update(data);
  }
  return { outcome: { digest: digest.digest('hex'), counters: collective.counters() } };
}
