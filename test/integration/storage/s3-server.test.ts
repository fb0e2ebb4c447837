/** The S3 server for tests and demos ends with the process that started it, even if that one is killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempFolder } from '../../support/temp-folder.js';

const START = new URL('../../../scripts/s3-server/start-s3-server.mjs', import.meta.url).href;
const PROGRAM = `
  const { startS3Server } = await import(${JSON.stringify(START)});
  const server = await startS3Server({ bucket: 'bags', folder: process.argv[1] });
  console.log(server.endpoint);
  setInterval(() => {}, 1_000); // until it is killed
`;

describe('the S3 server for tests and demos', () => {
  const folder = tempFolder();

  it('ends with its starter', async function () {
    this.timeout(600_000); // the first start on a machine downloads it
    const starter = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = once(starter, 'close');
    const [endpoint] = (await once(createInterface({ input: starter.stdout }), 'line')) as [string];
    assert.equal(await answers(endpoint), true);
    starter.kill('SIGKILL');
    await closed;
    for (let look = 0; (await answers(endpoint)) && look < 200; look++) await sleep(50);
    assert.equal(await answers(endpoint), false);
  });
});

async function answers(endpoint: string): Promise<boolean> {
  try {
    await (await fetch(`${endpoint}/healthz`)).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}
