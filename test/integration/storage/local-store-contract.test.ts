/** The local folder keeps the store's contract. */
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { objectStoreContract } from './object-store-contract.js';
import { plainOptions } from './store-options.js';

describe('local store keeps the contract', () => {
  let folder = '';
  before(() => {
    folder = makeTempFolder();
  });
  after(() => removeTempFolder(folder));
  objectStoreContract({
    get uri() {
      return folder;
    },
    options: plainOptions(),
  });
});
