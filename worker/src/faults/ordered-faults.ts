/**
 * Faults by order. In: orders, and a way to claim one, so that it is carried out once over all launches of the
 * worker. Out: the failures, really: this process is killed, stopped, delayed, its messages and links are lost.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Droppable, FaultOrder, FaultPhase } from '@bagfleet/proto';
import { killOneself, stopOneself } from './end-oneself.js';
import type { Faults, Place } from './faults.js';

/** False if the order was carried out before, by this process or by one before it. */
export type Claim = (order: FaultOrder, where: string) => boolean;
/** Whether it was, without claiming it. */
export type WasClaimed = (order: FaultOrder) => boolean;

type Of<A extends FaultOrder['act']> = Extract<FaultOrder, { act: A }>;
type AtPhase = Of<'kill'> | Of<'pause'> | Of<'delay'>;

/** The highest bit of a float's significand: cleared, the value keeps its sign and loses a quarter to a third. */
const TOP_BIT = 1 << 22;

export class OrderedFaults implements Faults {
  readonly #orders: FaultOrder[];
  readonly #claim: Claim;
  readonly #wasClaimed: WasClaimed;
  readonly #left = new Map<string, number>();
  readonly #cutListeners = new Set<(peer: string) => void>();

  constructor(orders: readonly FaultOrder[], claim: Claim, wasClaimed: WasClaimed = () => false) {
    this.#orders = [...orders];
    this.#claim = claim;
    this.#wasClaimed = wasClaimed;
  }

  add(order: FaultOrder): void {
    this.#orders.push(order);
    if (order.act === 'cut') this.#cut(order);
  }

  async at(phase: FaultPhase, place: Place): Promise<void> {
    for (const order of this.#orders) {
      if (!isAtPhase(order) || order.phase !== phase || !isThere(order, place)) continue;
      if (!this.#isDue(order, `${phase} of epoch ${place.epoch} step ${place.step}`)) continue;
      if (order.act === 'delay') await sleep(order.ms);
      else if (order.act === 'kill') killOneself();
      else stopOneself();
    }
    for (const order of this.#orders) if (order.act === 'pace' && phase === 'compute') await sleep(order.ms);
    for (const order of this.#orders) if (order.act === 'cut' && isThere(order, place)) this.#cut(order);
  }

  drops(message: Droppable): boolean {
    return this.#orders.some(
      (order) => order.act === 'drop' && order.message === message && this.#isLeft(order),
    );
  }

  delayTo(peer: string): number {
    const order = this.#orders.find((one): one is Of<'slow'> => one.act === 'slow' && one.peer === peer);
    return order && this.#isLeft(order) ? order.ms : 0;
  }

  spoil(gradient: Float32Array, step: number | 'probe'): 'untouched' | 'changed' | 'not-finite' {
    const order = this.#orders.find((one) => this.#spoils(one, step));
    if (!order) return 'untouched';
    if (order.act === 'poison') {
      gradient[0] = Number.NaN;
      return 'not-finite';
    }
    return flipBit(gradient) ? 'changed' : 'untouched';
  }

  onCut(listener: (peer: string) => void): () => void {
    this.#cutListeners.add(listener);
    return () => this.#cutListeners.delete(listener);
  }

  #spoils(order: FaultOrder, step: number | 'probe'): boolean {
    if (order.act === 'flip' && order.always && (order.step === undefined || this.#wasClaimed(order)))
      return true;
    if ((order.act !== 'flip' && order.act !== 'poison') || step === 'probe') return false;
    return (order.step === undefined || order.step <= step) && this.#claim(order, `gradient of step ${step}`);
  }

  #cut(order: Of<'cut'>): void {
    if (this.#cutListeners.size === 0 || !this.#claim(order, `link to ${order.peer}`)) return;
    for (const listener of [...this.#cutListeners]) listener(order.peer);
  }

  /** Claimed the first time; this process alone carries out the others. */
  #isDue(order: AtPhase, where: string): boolean {
    const times = order.act === 'delay' ? (order.times ?? 1) : 1;
    const left = this.#left.get(order.id) ?? (this.#claim(order, where) ? times : 0);
    this.#left.set(order.id, left - 1);
    return left > 0;
  }

  #isLeft(order: Of<'drop'> | Of<'slow'>): boolean {
    const left = this.#left.get(order.id) ?? order.times;
    this.#left.set(order.id, left - 1);
    return left > 0;
  }
}

function isAtPhase(order: FaultOrder): order is AtPhase {
  return order.act === 'kill' || order.act === 'pause' || order.act === 'delay';
}

/** At this point of the run, or after it. */
function isThere({ epoch, step }: AtPhase | Of<'cut'>, place: Place): boolean {
  if (epoch !== undefined && epoch !== place.epoch) return place.epoch > epoch;
  return step === undefined || place.step >= step;
}

/** Clears the top bit of the first significand that has it: the magnitude shrinks, so no scale is exceeded. */
function flipBit(gradient: Float32Array): boolean {
  const bits = new Int32Array(gradient.buffer, gradient.byteOffset, gradient.length);
  const place = gradient.findIndex((value, i) => value !== 0 && (bits[i] & TOP_BIT) !== 0);
  if (place >= 0) bits[place] ^= TOP_BIT;
  return place >= 0;
}
