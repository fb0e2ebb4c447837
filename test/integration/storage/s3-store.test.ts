/**
 * S3 keeps the store's contract, and tells the truth when something breaks, and holds checkpoints: against SeaweedFS, and against
 * versitygw if BAGFLEET_S3_SERVERS=seaweedfs,versitygw names it.
 */
import { s3InTests } from '../../support/s3-server.js';
import { checkpointSuite } from './checkpoint-suite.js';
import { objectStoreContract } from './object-store-contract.js';
import { s3Failures } from './s3-failures.js';
import { s3Https } from './s3-https.js';
import { s3Wire } from './s3-wire.js';
import { plainOptions } from './store-options.js';

const wanted = (process.env.BAGFLEET_S3_SERVERS ?? 'seaweedfs').split(',');

describe('S3 store on SeaweedFS', () => {
  if (!wanted.includes('seaweedfs')) {
    it('is not tested: BAGFLEET_S3_SERVERS does not name seaweedfs');
    return;
  }
  const server = s3InTests('seaweedfs');
  describe('keeps the contract', () => objectStoreContract(underTest(server)));
  describe('when something is wrong', () => s3Failures(server));
  describe('on the wire', () => s3Wire(server));
  describe('over https', () => s3Https(server));
  describe('holds checkpoints', () => checkpointSuite(underTest(server)));
});

describe('S3 store on versitygw', () => {
  if (!wanted.includes('versitygw')) {
    it('is not tested: BAGFLEET_S3_SERVERS does not name versitygw, which is built with Go in two minutes');
    return;
  }
  const server = s3InTests('versitygw');
  describe('keeps the contract', () => objectStoreContract(underTest(server)));
  describe('over https', () => s3Https(server));
});

function underTest(server: ReturnType<typeof s3InTests>) {
  return {
    get uri() {
      return server.uri;
    },
    get options() {
      return plainOptions({ endpoint: server.endpoint });
    },
  };
}
