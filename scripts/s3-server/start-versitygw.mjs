// Versity's S3 gateway on loopback, over a folder of plain files.
// In: the program, an empty folder for its data, a bucket's name. Out: it answers, and the bucket is there.

import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './free-ports.mjs';
import { serverProcess } from './server-process.mjs';

const START_MS = 20_000;

/**
 * @param {string} program
 * @param {string} folder
 * @param {string} bucket
 * @returns {Promise<import('./start-seaweedfs.mjs').RunningServer>}
 */
export async function startVersitygw(program, folder, bucket) {
  const [port = 0] = await freePorts(1);
  const access = randomBytes(10).toString('hex');
  const secret = randomBytes(20).toString('hex');
  mkdirSync(join(folder, 'data', bucket), { recursive: true }); // a bucket is a folder there
  const server = serverProcess(
    program,
    ['--port', `127.0.0.1:${port}`, '--quiet', '--keep-alive', 'posix', join(folder, 'data')],
    {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, ROOT_ACCESS_KEY: access, ROOT_SECRET_KEY: secret },
      log: join(folder, 'server.log'),
    },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  const until = performance.now() + START_MS;
  while (!(await answers(endpoint))) {
    if (server.hasEnded() || performance.now() > until) {
      await server.stop();
      throw new Error(`versitygw did not start:\n${server.lastWords()}`);
    }
    await sleep(20);
  }
  const env = { AWS_ACCESS_KEY_ID: access, AWS_SECRET_ACCESS_KEY: secret };
  return { endpoint, env, readerEnv: {}, guestEnvs: {}, stop: () => server.stop() };
}

/** Whatever it says, even a refusal, it is there. @param {string} url */
async function answers(url) {
  try {
    await (await fetch(url, { signal: AbortSignal.timeout(2_000) })).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
