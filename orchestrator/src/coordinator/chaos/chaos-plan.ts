/**
 * What an order of `bagfleet chaos` comes to, with the workers that there are.
 * In: the order, its name, who lives, who trains in rank order. Out: one act; what the order leaves open follows from
 * its draw, so that an order is a plain record of what was done.
 */
import type { ChaosOrder, FaultOrder } from '@bagfleet/proto';

export type ChaosAct =
  | { readonly kind: 'kill' | 'pause'; readonly worker: string }
  | { readonly kind: 'fault'; readonly worker: string; readonly fault: FaultOrder }
  | { readonly kind: 'kill-coordinator' }
  | { readonly kind: 'nothing'; readonly because: string };

/** A link that is slow holds this many messages back, each so long. */
const SLOW_MS = 200;
const SLOW_TIMES = 50;

export function chaosAct(
  order: ChaosOrder,
  name: string,
  living: readonly string[],
  members: readonly string[],
): ChaosAct {
  if (order.what === 'kill-coordinator') return { kind: 'kill-coordinator' };
  const writer = members.find((id) => living.includes(id));
  const [drawn, rest] = draw(living, order.draw);
  const worker = order.worker ?? (order.what === 'kill-during-checkpoint' ? writer : drawn);
  if (worker === undefined) return { kind: 'nothing', because: 'no worker lives' };
  if (!living.includes(worker)) return { kind: 'nothing', because: `there is no living worker ${worker}` };
  const id = faultId(name);
  switch (order.what) {
    case 'kill-worker':
      return { kind: 'kill', worker };
    case 'pause-worker':
      return { kind: 'pause', worker };
    case 'kill-during-checkpoint':
      return { kind: 'fault', worker, fault: { act: 'kill', id, worker, phase: 'checkpoint' } };
    case 'drop-link':
    case 'delay-link': {
      const others = living.filter((other) => other !== worker);
      const [peer] = draw(others, rest);
      if (peer === undefined) return { kind: 'nothing', because: `${worker} has no peer` };
      return { kind: 'fault', worker, fault: linkFault(order.what, id, worker, peer) };
    }
  }
}

/** At its next gradient; `name` is the order's. */
export function pauseFault(worker: string, name: string): FaultOrder {
  return { act: 'pause', id: faultId(name), worker, phase: 'compute' };
}

function faultId(name: string): string {
  return name.replace(/[^\w.-]/g, '-').slice(0, 80);
}

export function chaosWords(act: ChaosAct): string {
  switch (act.kind) {
    case 'kill':
      return `killed ${act.worker}`;
    case 'pause':
      return `stopped ${act.worker} where it was`;
    case 'kill-coordinator':
      return 'the coordinator kills itself';
    case 'nothing':
      return `nothing done: ${act.because}`;
    case 'fault': {
      const { fault } = act;
      if (fault.act === 'cut') return `cut the link from ${fault.worker} to ${fault.peer}`;
      if (fault.act === 'slow')
        return `slowed the link from ${fault.worker} to ${fault.peer} by ${fault.ms} ms`;
      return `${act.worker} is to kill itself while it writes the next checkpoint`;
    }
  }
}

function linkFault(what: 'drop-link' | 'delay-link', id: string, worker: string, peer: string): FaultOrder {
  if (what === 'drop-link') return { act: 'cut', id, worker, peer };
  return { act: 'slow', id, worker, peer, ms: SLOW_MS, times: SLOW_TIMES };
}

/** One of the list, and what is left of the draw (0 … 1) for the next choice. */
function draw<T>(list: readonly T[], fraction: number): [T | undefined, number] {
  const at = fraction * list.length;
  const index = Math.min(Math.floor(at), list.length - 1);
  return [list[index], Math.min(1, Math.max(0, at - index))];
}
