// A process of its own that works on a store, for races between processes and for being killed.
// In: one JSON argument { uri, options, task, key, … }. Out: one JSON line per result.

import { openStore } from '@bagfleet/worker/storage/open-store';

const { uri, options, task, key, times, bytes } = JSON.parse(process.argv[2]);
const store = await openStore(uri, options);
const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const TASKS = {
  /** Tries to be the one who makes `key`, `times` times at once. */
  async claim() {
    const attempts = Array.from({ length: times }, (_, i) => `${process.pid}-${i}`);
    const wins = await Promise.all(attempts.map((name) => tryPut(key, name, { ifAbsent: true })));
    say(attempts.filter((_, i) => wins[i]));
  },
  /** Adds 1 to the number in `key`, `times` times, by compare-and-swap. */
  async count() {
    for (let done = 0; done < times; ) {
      const { bytes: current, etag } = await store.get(key);
      const next = String(Number(Buffer.from(current).toString()) + 1);
      if (await tryPut(key, next, { ifMatch: etag })) done++;
    }
    say('done');
  },
  /** Writes `key` over and over, each time filled with another byte, until it is killed. */
  async overwrite() {
    for (let fill = 1; ; fill = (fill % 255) + 1) {
      await store.put(key, new Uint8Array(bytes).fill(fill));
      say(fill);
    }
  },
};

async function tryPut(name, text, condition) {
  try {
    await store.put(name, Buffer.from(text), condition);
    return true;
  } catch (error) {
    if (error.code === 'store-conflict') return false;
    throw error;
  }
}

await TASKS[task]();
store.close();
