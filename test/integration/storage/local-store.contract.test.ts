/** The local folder keeps the store's contract. */
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { objectStoreContract } from './object-store-contract.js';
import { plainOptions } from './store-options.js';

describe('local store', () => {
  const folder = makeTempFolder();
  after(() => removeTempFolder(folder));
  objectStoreContract({ uri: folder, options: plainOptions() });
});
