/** Tags and nights' records keep their promises in a local folder and on a real S3 server. */
import { s3InTests } from '../../support/s3-server.js';
import { tempFolderForAll } from '../../support/temp-folder-for-all.js';
import { plainOptions } from '../storage/store-options.js';
import { nightRecordContract } from './night-record-contract.js';
import { tagContract } from './tag-contract.js';

describe('in a local folder', () => {
  const temp = tempFolderForAll();
  const place = {
    get uri() {
      return temp.path;
    },
    options: plainOptions(),
  };
  describe('a tag', () => tagContract(place));
  describe("a night's record", () => nightRecordContract(place));
});

describe('on an S3 server', function () {
  this.timeout(60_000);
  const server = s3InTests();
  const place = {
    get uri() {
      return server.uri;
    },
    get options() {
      return plainOptions({ endpoint: server.endpoint });
    },
  };
  describe('a tag', () => tagContract(place));
  describe("a night's record", () => nightRecordContract(place));
});
