/** S3 keeps the store's contract: against SeaweedFS, and against others that BAGFLEET_S3_SERVERS names. */
import { s3InTests } from '../../support/s3-server.js';
import { objectStoreContract } from './object-store-contract.js';
import { plainOptions } from './store-options.js';

const NEEDS = { seaweedfs: 'Python with pip', versitygw: 'Go' };
const wanted = (process.env.BAGFLEET_S3_SERVERS ?? 'seaweedfs').split(',');

for (const name of ['seaweedfs', 'versitygw'] as const)
  describe(`S3 store on ${name}`, () => {
    if (!wanted.includes(name)) {
      it(`is not run: BAGFLEET_S3_SERVERS does not name ${name} (it needs ${NEEDS[name]})`);
      return;
    }
    const server = s3InTests(name);
    objectStoreContract({
      get uri() {
        return server.uri;
      },
      get options() {
        return plainOptions({ endpoint: server.endpoint });
      },
    });
  });
