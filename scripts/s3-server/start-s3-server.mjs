// A real S3 server on this machine, for tests and for `npm run demo -- --store s3`.
// In: which one, a bucket's name, an empty folder for its data. Out: where it answers, whom it lets in, how to
// stop it. The program comes from the cache folder, and into it when it is needed for the first time.

import { mkdirSync } from 'node:fs';
import { cacheFolder } from '../setup/cache-folder.mjs';
import { installSeaweedfs } from './install-seaweedfs.mjs';
import { installVersitygw } from './install-versitygw.mjs';
import { startSeaweedfs } from './start-seaweedfs.mjs';
import { startVersitygw } from './start-versitygw.mjs';

const SERVERS = {
  seaweedfs: { install: installSeaweedfs, start: startSeaweedfs },
  versitygw: { install: installVersitygw, start: startVersitygw },
};

/**
 * @param {import('./start-s3-server.mjs').S3ServerRequest} request
 * @returns {Promise<import('./start-s3-server.mjs').S3Server>}
 */
export async function startS3Server({ server = 'seaweedfs', bucket, folder, say = toStderr }) {
  const { install, start } = SERVERS[server];
  const program = await install(cacheFolder(), say);
  mkdirSync(folder, { recursive: true });
  const { endpoint, env, readerEnv, guestEnvs, stop } = await start(program, folder, bucket);
  const guests = Object.entries(guestEnvs).map(([name, guest]) => [name, withoutInstance(guest)]);
  return {
    endpoint,
    bucket,
    env: withoutInstance(env),
    readerEnv: withoutInstance(readerEnv),
    guestEnvs: Object.fromEntries(guests),
    stop,
  };
}

/**
 * Credentials stand in the environment, so the SDK need not ask the cloud's instance service for any.
 * @param {Record<string, string>} env
 */
function withoutInstance(env) {
  return { ...env, AWS_EC2_METADATA_DISABLED: 'true' };
}

/** @param {string} line */
function toStderr(line) {
  process.stderr.write(`${line}\n`);
}
