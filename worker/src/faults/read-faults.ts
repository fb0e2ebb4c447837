/**
 * The orders of a test's script. In: BAGFLEET_FAULTS, a JSON file of FaultOrders. Out: Faults for one worker.
 * A mark beside the file (`<file>.fired/<id>`) says that an order was carried out, by whom and where: it outlives
 * the process that it kills.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BagfleetError, type FaultOrder, faultOrderSchema } from '@bagfleet/proto';
import { z } from 'zod';
import type { Faults } from './faults.js';
import { OrderedFaults } from './ordered-faults.js';

/** Without a file: faults that only `bagfleet chaos` can order, each carried out once. */
export function faultsOf(worker: string, file: string | undefined): Faults {
  if (!file) return inMemory();
  const orders = parseOrders(file).filter((order) => order.worker === worker);
  const folder = `${file}.fired`;
  return new OrderedFaults(orders, onceOnDisk(folder, worker), ({ id }) => existsSync(join(folder, id)));
}

function parseOrders(file: string): FaultOrder[] {
  const parsed = z.array(faultOrderSchema).safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues;
  throw new BagfleetError('usage', `order ${path.join('.')}: ${message}`, { culprit: 'BAGFLEET_FAULTS' });
}

function inMemory(): OrderedFaults {
  const done = new Set<string>();
  const claim = ({ id }: FaultOrder) => !done.has(id) && Boolean(done.add(id));
  return new OrderedFaults([], claim, ({ id }) => done.has(id));
}

function onceOnDisk(folder: string, worker: string): (order: FaultOrder, where: string) => boolean {
  mkdirSync(folder, { recursive: true });
  return (order, where) => {
    const mark = join(folder, order.id);
    if (existsSync(mark)) return false;
    try {
      writeFileSync(mark, `${JSON.stringify({ ...order, worker, where, pid: process.pid })}\n`, {
        flag: 'wx',
      });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  };
}
