/**
 * A real S3 server for tests, started once per test run, on loopback, with its data in a temp folder.
 * In: called inside a `describe`. Out: during its tests the server answers, and its credentials stand in the
 * environment, where the SDK finds them. Each caller gets a prefix of its own in the one bucket.
 */
import { join } from 'node:path';
import { startS3Server } from '../../scripts/s3-server/start-s3-server.mjs';
import type { S3Server, S3ServerRequest } from '../../scripts/s3-server/start-s3-server.mjs';
import { makeTempFolder, removeTempFolder } from './temp-folder.js';

type ServerName = NonNullable<S3ServerRequest['server']>;

/** The first start on a machine downloads the server (48 MB) or builds it. */
const FIRST_START_MS = 600_000;

const running = new Map<ServerName, Promise<S3Server>>();
let prefixes = 0;

after('stop the S3 servers', async () => {
  for (const server of running.values()) await server.then(({ stop }) => stop()).catch(() => {});
});

export interface S3InTests extends S3Server {
  /** `s3://bucket/prefix`, nobody else's. */
  readonly uri: string;
}

export function s3InTests(name: ServerName = 'seaweedfs'): S3InTests {
  let server: S3Server | null = null;
  let uri = '';
  let restore = () => {};
  before(`start ${name}`, async function () {
    this.timeout(FIRST_START_MS);
    server = await sharedServer(name);
    uri = `s3://${server.bucket}/tests-${++prefixes}`;
    restore = setEnvironment(server.env);
  });
  after(() => restore());
  const started = (): S3Server => {
    if (server === null) throw new Error('the S3 server is there during tests only');
    return server;
  };
  return {
    get endpoint() {
      return started().endpoint;
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
    get uri() {
      return uri;
    },
    stop: () => started().stop(),
  };
}

function sharedServer(name: ServerName): Promise<S3Server> {
  const known = running.get(name);
  if (known !== undefined) return known;
  const folder = makeTempFolder();
  const started = startS3Server({ server: name, bucket: 'bags', folder: join(folder, name) }).then((server) => ({
    ...server,
    stop: () => server.stop().then(() => removeTempFolder(folder)),
  }));
  running.set(name, started);
  return started;
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
