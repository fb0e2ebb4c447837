// SeaweedFS on loopback: master, volume, filer and S3 gateway in one process, with these identities: one may do
// everything, one may only read the bucket, two may do what a bucket policy lets them.
// In: the program, an empty folder for its data, a bucket's name. Out: it answers, and the bucket is there.

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from './free-ports.mjs';
import { serverProcess } from './server-process.mjs';

const START_MS = 60_000;
const STARTS = 3;
/** A bucket policy calls them arn:aws:iam::000000000000:user/NAME. */
const GUESTS = ['coordinator', 'worker'];

/**
 * @typedef {object} RunningServer
 * @property {string} endpoint
 * @property {Record<string, string>} env        credentials that may do everything
 * @property {Record<string, string>} readerEnv  credentials that may only read the bucket
 * @property {Record<string, Record<string, string>>} guestEnvs  by name, credentials without rights of their own
 * @property {() => Promise<void>} stop
 */

/**
 * @param {string} program
 * @param {string} folder
 * @param {string} bucket
 * @returns {Promise<RunningServer>}
 */
export async function startSeaweedfs(program, folder, bucket) {
  const owner = newKey();
  const reader = newKey();
  const guests = Object.fromEntries(GUESTS.map((name) => [name, newKey()]));
  mkdirSync(join(folder, 'data'), { recursive: true });
  mkdirSync(join(folder, 'tmp'), { recursive: true });
  writeFileSync(join(folder, 'identities.json'), JSON.stringify(identities(owner, reader, guests, bucket)), {
    mode: 0o600,
  });
  for (let start = 1; ; start++) {
    const ports = portsByUse(await freePorts(8));
    const server = serverProcess(program, argumentsFor(ports, folder), {
      cwd: folder,
      env: environment(folder),
      log: join(folder, 'server.log'),
      leaves: socketsOf(ports),
    });
    const problem = await whenReady(server, ports, bucket);
    const env = { owner: asEnv(owner), reader: asEnv(reader) };
    if (problem === null)
      return {
        endpoint: `http://127.0.0.1:${ports.s3}`,
        env: env.owner,
        readerEnv: env.reader,
        guestEnvs: Object.fromEntries(Object.entries(guests).map(([name, key]) => [name, asEnv(key)])),
        stop: server.stop,
      };
    await server.stop();
    if (start === STARTS) throw new Error(`SeaweedFS did not start: ${problem}\n${server.lastWords()}`);
  }
}

/** @param {number[]} ports */
function portsByUse([
  master = 0,
  masterGrpc = 0,
  volume = 0,
  volumeGrpc = 0,
  filer = 0,
  filerGrpc = 0,
  s3 = 0,
  s3Grpc = 0,
]) {
  return { master, masterGrpc, volume, volumeGrpc, filer, filerGrpc, s3, s3Grpc };
}

/** @typedef {ReturnType<typeof portsByUse>} Ports */

/**
 * @param {Ports} ports
 * @param {string} folder
 */
function argumentsFor(ports, folder) {
  return [
    `-logdir=${join(folder, 'tmp')}`,
    '-logtostderr',
    'server',
    `-dir=${join(folder, 'data')}`,
    '-ip=127.0.0.1',
    '-ip.bind=127.0.0.1',
    `-master.port=${ports.master}`,
    `-master.port.grpc=${ports.masterGrpc}`,
    '-master.telemetry=false',
    '-master.volumeSizeLimitMB=1024',
    `-volume.port=${ports.volume}`,
    `-volume.port.grpc=${ports.volumeGrpc}`,
    '-volume.max=0',
    '-filer',
    `-filer.port=${ports.filer}`,
    `-filer.port.grpc=${ports.filerGrpc}`,
    `-filer.localSocket=${join(folder, 'filer.sock')}`,
    '-s3',
    `-s3.port=${ports.s3}`,
    `-s3.port.grpc=${ports.s3Grpc}`,
    '-s3.port.iceberg=0',
    '-s3.port.lance=0',
    `-s3.localSocket=${join(folder, 's3.sock')}`,
    `-s3.config=${join(folder, 'identities.json')}`,
    '-s3.autoCreateBucket=false',
  ];
}

/**
 * Its settings come from us alone: neither from files in the home folder nor from the caller's variables.
 * @param {string} folder
 */
function environment(folder) {
  return {
    PATH: process.env.PATH,
    HOME: folder,
    TMPDIR: join(folder, 'tmp'),
    WEED_S3_SSE_KEK: randomBytes(32).toString('hex'),
  };
}

/**
 * @param {import('./server-process.mjs').ServerProcess} server
 * @param {Ports} ports
 * @param {string} bucket
 * @returns {Promise<string | null>} what went wrong
 */
async function whenReady(server, ports, bucket) {
  const until = performance.now() + START_MS;
  const steps = [
    { method: 'GET', url: `http://127.0.0.1:${ports.s3}/healthz` },
    { method: 'GET', url: `http://127.0.0.1:${ports.master}/dir/assign` }, // a volume can be written
    { method: 'POST', url: `http://127.0.0.1:${ports.filer}/buckets/${bucket}/` }, // a bucket is a folder there
  ];
  for (const { method, url } of steps)
    while (!(await answers(method, url))) {
      if (server.hasEnded()) return 'it ended';
      if (performance.now() > until) return `no answer from ${url} within ${START_MS / 1000} s`;
      await sleep(50);
    }
  return server.hasEnded() ? 'it ended' : null;
}

/**
 * @param {string} method
 * @param {string} url
 */
async function answers(method, url) {
  try {
    const answer = await fetch(url, { method, signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.ok;
  } catch {
    return false;
  }
}

/**
 * It opens these beside its ports, at places of its own, and leaves them when it is killed.
 * @param {Ports} ports
 */
function socketsOf({ masterGrpc, volumeGrpc, filerGrpc, s3Grpc }) {
  const names = { master: masterGrpc, volume: volumeGrpc, filer: filerGrpc, s3: s3Grpc };
  return Object.entries(names).map(([name, port]) => `/tmp/seaweedfs-${name}-grpc-${port}.sock`);
}

/** @typedef {{ accessKey: string, secretKey: string }} Key */

/** @returns {Key} */
function newKey() {
  return { accessKey: randomBytes(10).toString('hex'), secretKey: randomBytes(20).toString('hex') };
}

/** @param {Key} key */
function asEnv({ accessKey, secretKey }) {
  return { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey };
}

/**
 * @param {Key} owner
 * @param {Key} reader
 * @param {Record<string, Key>} guests
 * @param {string} bucket
 */
function identities(owner, reader, guests, bucket) {
  return {
    identities: [
      { name: 'owner', credentials: [owner], actions: ['Admin', 'Read', 'Write', 'List', 'Tagging'] },
      { name: 'reader', credentials: [reader], actions: [`Read:${bucket}`, `List:${bucket}`] },
      ...Object.entries(guests).map(([name, key]) => ({ name, credentials: [key], actions: [] })),
    ],
  };
}
