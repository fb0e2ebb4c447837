/**
 * A process that writes a checkpoint and is killed on the way, as by a power cut.
 * In: one JSON argument; it dies while write number `dieIn` is under way (0 is the first). Out: `done`, if it lives.
 */
import { writeCheckpoint } from '@bagfleet/worker/checkpoint/write-checkpoint';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { StoreAccess } from '@bagfleet/worker/storage/store-uri';
import { factsForTests, stateForTests } from './checkpoint-state.js';

export interface WriterTask {
  readonly uri: string;
  readonly options: StoreAccess;
  readonly step: number;
  readonly dieIn: number;
}

const { uri, options, step, dieIn } = JSON.parse(process.argv[2]) as WriterTask;
const store = await openStore(uri, options);
const put = store.put.bind(store);
let writes = 0;
store.put = (...args) => {
  if (writes++ === dieIn) setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  return put(...args);
};
await writeCheckpoint(store, stateForTests(step), factsForTests(true));
store.close();
process.stdout.write('done\n');
