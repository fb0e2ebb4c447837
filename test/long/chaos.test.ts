/** One seed of the chaos that `npm run test:chaos` runs ten of. */
import { surviveChaos, undisturbedRun } from '../support/chaos-suite.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';

const SEED = Number(process.env.CHAOS_SEED ?? 1);

describe('a run under chaos', function () {
  this.timeout(400_000);
  const temp = tempFolderForAll();

  it('ends with the same bits as one worker that nobody disturbed', async () => {
    await surviveChaos(SEED, temp.path, await undisturbedRun(temp.path));
  });
});
