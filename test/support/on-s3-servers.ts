/**
 * One suite on every S3 server that tests know: SeaweedFS always, versitygw where BAGFLEET_S3_SERVERS names it.
 * In: a title and a suite. Out: a `describe` for each server, or a pending line that says why there is none.
 */
import { type S3InTests, s3InTests } from './s3-server.js';

const SERVERS = ['seaweedfs', 'versitygw'] as const;
const wanted = (process.env.BAGFLEET_S3_SERVERS ?? 'seaweedfs').split(',');

export function onS3Servers(title: string, suite: (server: S3InTests) => void): void {
  for (const name of SERVERS)
    describe(`${title} on ${name}`, () => {
      if (wanted.includes(name)) suite(s3InTests(name));
      else it(`is not tested: BAGFLEET_S3_SERVERS does not name ${name}`);
    });
}
