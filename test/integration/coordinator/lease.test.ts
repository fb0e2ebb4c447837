/** One contract of the lease, over a store in memory and a real folder. */
import { LocalStore } from '@bagfleet/worker/storage/local-store';
import { MemoryStore } from '../../support/memory-store.js';
import { tempFolder } from '../../support/temp-folder.js';
import { describeLease } from './lease-contract.js';

describeLease('in memory', () => new MemoryStore());

describe('in a folder', () => {
  const temp = tempFolder();
  describeLease('local store', () => new LocalStore(temp.path));
});
