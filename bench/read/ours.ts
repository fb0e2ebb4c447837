/**
 * Reads objects by the store's `readInto`, as often as standard input says, and times it.
 * In: arguments `uri in-flight how`, lines `prefix count bytes`; `how` is `fast`, or `sdk` for what the fast way replaces.
 * Out: a line of JSON for each: seconds, CPU seconds of this process, bytes.
 */
import { createInterface } from 'node:readline';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { readIntoByGet } from '@bagfleet/worker/storage/read-into-by-get';
import { plainOptions } from '../../test/integration/storage/store-options.js';

const [uri = '', inFlight = '16', how = 'fast'] = process.argv.slice(2);
const store = await openStore(uri, plainOptions({}));
const read = (key: string, into: Uint8Array) =>
  how === 'sdk' ? readIntoByGet(store, key, into) : store.readInto(key, into);

for await (const line of createInterface({ input: process.stdin })) {
  const [prefix, count = 0, bytes = 0] = line.split(' ').map((word, index) => (index ? Number(word) : word));
  const keys = Array.from({ length: Number(count) }, (_, index) => `${prefix}/${index}`);
  const wall = performance.now();
  const cpu = process.cpuUsage();
  await Promise.all(Array.from({ length: Number(inFlight) }, () => readOn(keys, Number(bytes))));
  const { user, system } = process.cpuUsage(cpu);
  const row = {
    seconds: (performance.now() - wall) / 1000,
    cpu: (user + system) / 1e6,
    bytes: Number(count) * Number(bytes),
  };
  process.stdout.write(`${JSON.stringify(row)}\n`);
}
store.close();

/** Takes keys from the list until it is empty; each object into new memory that compute threads could share. */
async function readOn(keys: string[], bytes: number): Promise<void> {
  for (let key = keys.pop(); key !== undefined; key = keys.pop())
    await read(key, new Uint8Array(new SharedArrayBuffer(bytes)));
}
