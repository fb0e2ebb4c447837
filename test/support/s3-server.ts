/**
 * A real S3 server for the tests of one `describe`, on loopback, with its data in a temp folder.
 * In: called inside the `describe`. Out: during its tests the server answers, and its credentials stand in the
 * environment, where the SDK finds them; after the last test it has ended and its data is gone.
 */
import { join } from 'node:path';
import {
  type S3Server,
  type S3ServerRequest,
  startS3Server,
} from '../../scripts/s3-server/start-s3-server.mjs';
import { makeTempFolder, removeTempFolder } from './temp-folder.js';

/** The first start on a machine downloads the server (48 MB) or builds it. */
const FIRST_START_MS = 600_000;

export interface S3InTests {
  readonly endpoint: string;
  /** `s3://bucket/prefix`, in an empty bucket. */
  readonly uri: string;
  readonly bucket: string;
  /** Environment variables of somebody who may do everything; they are set. */
  readonly env: Readonly<Record<string, string>>;
  /** Environment variables of somebody who may only read the bucket (SeaweedFS only). */
  readonly readerEnv: Readonly<Record<string, string>>;
  /** Of `coordinator` and `worker`: they may do what a bucket policy lets them (SeaweedFS only). */
  readonly guestEnvs: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export function s3InTests(name: NonNullable<S3ServerRequest['server']> = 'seaweedfs'): S3InTests {
  let server: S3Server | null = null;
  let folder = '';
  let restoreEnvironment = () => {};
  before(`start ${name}`, async function () {
    this.timeout(FIRST_START_MS);
    folder = makeTempFolder();
    server = await startS3Server({ server: name, bucket: 'bags', folder: join(folder, name) });
    restoreEnvironment = setEnvironment(server.env);
  });
  after(`stop ${name}`, async () => {
    restoreEnvironment();
    await server?.stop();
    removeTempFolder(folder);
    server = null;
  });
  const started = (): S3Server => {
    if (server === null) throw new Error('the S3 server is there during tests only');
    return server;
  };
  return {
    get endpoint() {
      return started().endpoint;
    },
    get uri() {
      return `s3://${started().bucket}/tests`;
    },
    get bucket() {
      return started().bucket;
    },
    get env() {
      return started().env;
    },
    get readerEnv() {
      return started().readerEnv;
    },
    get guestEnvs() {
      return started().guestEnvs;
    },
  };
}

/** Sets variables (undefined removes one) and returns a function that puts everything back. */
export function setEnvironment(variables: Readonly<Record<string, string | undefined>>): () => void {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const assign = ([name, value]: readonly [string, string | undefined]) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  Object.entries(variables).forEach(assign);
  return () => before.forEach(assign);
}
