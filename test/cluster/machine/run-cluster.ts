/**
 * `npm run cluster`: a test cluster for trying things out by hand, and for running single tests without waiting.
 * In: nothing. Out: the line to paste into a shell; the cluster lives until Ctrl-C. Its pods know the worker's image
 * of the clone as it is built now.
 */
import { once } from 'node:events';
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { startCluster } from './start-cluster.js';
import { makeTestImage, TEST_IMAGE } from './test-image.js';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const folder = makeTempFolder();
delete process.env.KUBECONFIG;
const cluster = await startCluster({ folder, withPods: true, say });
await cluster.loadImage(await makeTestImage(say), TEST_IMAGE);
say(`export KUBECONFIG=${cluster.kubeconfig}\nCtrl-C ends the cluster.`);
const stayAlive = setInterval(() => {}, 60_000);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
clearInterval(stayAlive);
await cluster.stop();
removeTempFolder(folder);
