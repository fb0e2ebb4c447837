/**
 * Carries out the orders that `bagfleet chaos` has put into the run's folder: each once, in the order of their names.
 * In: the folder, looked at every second. Out: processes killed or stopped, faults sent to workers, an event line for
 * each. An order is deleted before it is carried out: a coordinator that kills itself must not find it again.
 */
import { type ChaosOrder, chaosOrderSchema, type FaultOrder, RUN_FILES } from '@bagfleet/proto';
import { FaultSchema } from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { killOneself } from '@bagfleet/worker/faults/end-oneself';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { create } from '@bufbuild/protobuf';
import type { RunJournal } from '../run-journal.js';
import type { SessionServer } from '../session-server.js';
import type { WorkerDesk } from '../worker-desk.js';
import { type ChaosAct, chaosAct, chaosWords, pauseFault } from './chaos-plan.js';

export interface ChaosParts {
  readonly isAllowed: boolean;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly desk: Pick<WorkerDesk, 'living' | 'kill' | 'pause'>;
  readonly server: Pick<SessionServer, 'say'>;
  readonly journal: Pick<RunJournal, 'note' | 'flush'>;
  /** The workers that train, in rank order. */
  readonly members: () => readonly string[];
}

export class ChaosDesk {
  readonly #parts: ChaosParts;

  constructor(parts: ChaosParts) {
    this.#parts = parts;
  }

  async carryOutAll(): Promise<void> {
    const { store } = this.#parts;
    for await (const { key } of store.list(RUN_FILES.chaos)) {
      const order = read((await store.get(key)).bytes);
      await store.delete(key);
      await this.#carryOut(order, key.slice(RUN_FILES.chaos.length).replace(/\.json$/, ''));
    }
  }

  async #carryOut(order: ChaosOrder | null, name: string): Promise<void> {
    const { isAllowed, journal, desk, members } = this.#parts;
    if (!isAllowed) return journal.note('chaos-refused', `${name}: the job does not allow it (allowChaos)`);
    if (!order) return journal.note('chaos-refused', `${name}: it is no chaos order of this version`);
    const act = chaosAct(order, name, desk.living, members());
    journal.note('chaos', `${order.what}: ${chaosWords(act)}`, 'worker' in act ? act.worker : undefined);
    await this.#do(act, name);
  }

  async #do(act: ChaosAct, name: string): Promise<void> {
    const { desk, journal } = this.#parts;
    switch (act.kind) {
      case 'kill':
        return desk.kill(act.worker);
      case 'pause':
        // One that can't be stopped from outside stops itself.
        return desk.pause(act.worker) ? undefined : this.#order(act.worker, pauseFault(act.worker, name));
      case 'fault':
        return this.#order(act.worker, act.fault);
      case 'kill-coordinator':
        await journal.flush();
        return killOneself();
      case 'nothing':
        return;
    }
  }

  #order(worker: string, fault: FaultOrder): void {
    const value = create(FaultSchema, { orderJson: JSON.stringify(fault) });
    this.#parts.server.say(worker, { case: 'fault', value });
  }
}

function read(bytes: Uint8Array): ChaosOrder | null {
  try {
    return chaosOrderSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    return null;
  }
}
