import { memoryGroup } from '@bagfleet/worker/collective/memory-collective';
import { collectiveContract } from './collective-contract.js';

collectiveContract('the memory collective', async (size, deadlineMs) => ({
  members: memoryGroup(size, deadlineMs),
  end: () => Promise.resolve(),
}));
