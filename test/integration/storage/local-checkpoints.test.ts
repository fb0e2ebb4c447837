/** Checkpoints in a local folder. */
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { checkpointSuite } from './checkpoint-suite.js';
import { plainOptions } from './store-options.js';

describe('checkpoints in a local folder', () => {
  let folder = '';
  before(() => {
    folder = makeTempFolder();
  });
  after(() => removeTempFolder(folder));
  checkpointSuite({
    get uri() {
      return folder;
    },
    options: plainOptions(),
  });
});
