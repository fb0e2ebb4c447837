// Where the demo's bags and runs lie: in .bagfleet/demo of the clone, in a folder or bucket of the user's, or in
// a real S3 server that is started for the demo (--store s3).
// In: the clone, the options. Out: URIs, flags and environment for the bagfleet commands, and how to clean up.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/** @param {string} clone @param {{ store: string | null, seed: number }} options */
export async function demoPlaces(clone, { store, seed }) {
  const folder = join(clone, '.bagfleet', 'demo');
  await mkdir(folder, { recursive: true });
  const name = `mnist-bags-1000-seed-${seed}`;
  if (store === 's3') return s3Places(folder, name);
  const root = (store ?? folder).replace(/\/+$/, '');
  return { data: `${root}/${name}`, runs: `${root}/runs`, flags: [], env: {}, close: async () => {} };
}

async function s3Places(folder, name) {
  // Only here: the server is not part of the product.
  const { startS3Server } = await import('../s3-server/start-s3-server.mjs');
  const server = await startS3Server({ bucket: 'bagfleet-demo', folder: join(folder, 's3') });
  const root = `s3://${server.bucket}`;
  return {
    data: `${root}/${name}`,
    runs: `${root}/runs`,
    flags: ['--endpoint', server.endpoint],
    env: server.env,
    close: () => server.stop(),
  };
}
