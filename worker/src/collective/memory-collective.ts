/**
 * The collective within one process, by the plainest means: lay everything on a table, add in rank order.
 * In: a number of members. Out: one Collective for each; the oracle that the real one is compared with.
 */
import { BagfleetError } from '@bagfleet/proto';
import type { Collective, CollectiveCounters, StepKey } from './collective.js';
import { MeetingTable } from './meeting-table.js';

/** `deadlineMs` is how long a call waits for the others. Members are called w0, w1, … */
export function memoryGroup(size: number, deadlineMs: number): Collective[] {
  const table = new MeetingTable(size, deadlineMs);
  return Array.from({ length: size }, (_, rank) => new MemoryCollective(rank, size, table));
}

class MemoryCollective implements Collective {
  #calls = 0;
  #failure: Error | undefined;
  #gradientBytes = 0;
  #smallBytesSent = 0;
  #smallBytesReceived = 0;
  #waitMs = 0;
  #leave!: (error: Error) => void;
  readonly #left: Promise<never>;

  constructor(
    readonly rank: number,
    readonly size: number,
    readonly table: MeetingTable,
  ) {
    this.#left = new Promise((_, reject) => {
      this.#leave = reject;
    });
    this.#left.catch(() => undefined); // Pending calls see it; there may be none.
  }

  async exchange(key: StepKey, label: string, mine: Uint8Array, deadlineMs?: number): Promise<Uint8Array[]> {
    const messages = await this.#meet(key, `exchange '${label}'`, mine, deadlineMs);
    this.#smallBytesSent += mine.byteLength * (this.size - 1);
    this.#smallBytesReceived += messages.reduce((sum, one) => sum + one.byteLength, 0) - mine.byteLength;
    return messages.map((message) => message.slice());
  }

  async allReduceInt32(key: StepKey, data: Int32Array): Promise<void> {
    const parts = await this.#meet(key, `exact sum of ${data.length} entries`, data);
    data.fill(0);
    for (const part of parts) for (let i = 0; i < data.length; i++) data[i] += part[i];
    this.#gradientBytes += data.byteLength * (this.size - 1);
  }

  async allReduceFloat32(key: StepKey, data: Float32Array): Promise<void> {
    const [first, ...rest] = await this.#meet(key, `float sum of ${data.length} entries`, data);
    data.set(first);
    for (const part of rest) for (let i = 0; i < data.length; i++) data[i] += part[i];
    this.#gradientBytes += data.byteLength * (this.size - 1);
  }

  counters(): CollectiveCounters {
    return {
      gradientBytesSent: this.#gradientBytes,
      gradientBytesReceived: this.#gradientBytes,
      smallBytesSent: this.#smallBytesSent,
      smallBytesReceived: this.#smallBytesReceived,
      waitMs: this.#waitMs,
    };
  }

  close(reason?: Error): void {
    this.#failure ??= reason ?? new BagfleetError('cancelled', 'this worker left its generation');
    this.#leave(this.#failure);
    this.table.leave(this.rank, this.#failure);
  }

  async #meet<T extends Uint8Array | Int32Array | Float32Array>(
    key: StepKey,
    phase: string,
    gift: T,
    deadlineMs = this.table.deadlineMs,
  ): Promise<T[]> {
    const call = this.#calls++;
    if (this.#failure) throw this.#failure;
    const before = performance.now();
    try {
      const what = `${phase} of epoch ${key.epoch} step ${key.step}`;
      return await Promise.race([this.table.meet(this.rank, call, what, gift, deadlineMs), this.#left]);
    } catch (error) {
      this.#failure ??= error as Error;
      throw this.#failure;
    } finally {
      this.#waitMs += performance.now() - before;
    }
  }
}
