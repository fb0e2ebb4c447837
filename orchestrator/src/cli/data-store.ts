/**
 * How the data commands reach a dataset's folder: flags for S3, and the store that they lead to.
 * In: words of the command line. Out: a function that opens the store of a URI or path.
 */
import { parseJob } from '@bagfleet/proto/job-spec';
import type { OpenStore } from '@bagfleet/worker/data/load-manifest';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { Argv } from 'yargs';

export interface DataStoreFlags {
  readonly profile?: string | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly pathStyle?: boolean | undefined;
  readonly bucketOwner?: string | undefined;
  readonly insecure?: boolean | undefined;
}

const GROUP = 'S3:';

export function withDataStore<T>(parser: Argv<T>): Argv<T & DataStoreFlags> {
  return parser
    .option('profile', { group: GROUP, type: 'string', describe: 'Profile of the AWS credential chain' })
    .option('region', { group: GROUP, type: 'string', describe: 'Region of the bucket' })
    .option('endpoint', { group: GROUP, type: 'string', describe: 'URL of an S3-compatible server' })
    .option('path-style', { group: GROUP, type: 'boolean', describe: 'Bucket in the path, not in the host name' })
    .option('bucket-owner', { group: GROUP, type: 'string', describe: 'Account id that must own the bucket' })
    .option('insecure', { group: GROUP, type: 'boolean', describe: 'Plain http to a host that is not loopback' });
}

/** The flags mean what the same fields of a job file mean, and are checked by the same schema. */
export function dataStoreOpener(flags: DataStoreFlags): OpenStore {
  const { profile, region, endpoint, pathStyle, bucketOwner, insecure } = flags;
  const given = Object.entries({ profile, region, endpoint, pathStyle, bucketOwner, insecure });
  return (uri) => {
    const store = { uri, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
    return openStore(uri, parseJob({ data: { manifest: uri }, store }, 'the command line').store);
  };
}
