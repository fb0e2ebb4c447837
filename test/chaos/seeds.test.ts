/** Ten seeds of chaos: different kills, at different places, in a different order. */
import { surviveChaos, type Undisturbed, undisturbedRun } from '../support/chaos-suite.js';
import { tempFolderForAll } from '../support/temp-folder-for-all.js';

const FIRST = Number(process.env.CHAOS_SEED ?? 1);
const SEEDS = Number(process.env.CHAOS_SEEDS ?? 10);

describe('runs under chaos', function () {
  this.timeout(400_000);
  const temp = tempFolderForAll();
  let alone: Undisturbed;

  before(async () => {
    alone = await undisturbedRun(temp.path);
  });

  for (let seed = FIRST; seed < FIRST + SEEDS; seed++)
    it(`end with the same bits as one undisturbed worker: seed ${seed}`, () =>
      surviveChaos(seed, temp.path, alone));
});
