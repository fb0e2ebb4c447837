/**
 * Takes the worker's image, as the clone is built now, to the test cluster that KUBECONFIG names.
 * In: the environment. Out: the image's name for pods. `npm run cluster` does it once; run this after a change.
 */
import { makeTempFolder, removeTempFolder } from '../../support/temp-folder.js';
import { startCluster } from './start-cluster.js';
import { makeTestImage, TEST_IMAGE } from './test-image.js';

const say = (line: string) => void process.stdout.write(`${line}\n`);
if (!process.env.KUBECONFIG) throw new Error('KUBECONFIG names no cluster: `npm run cluster` starts one');
const folder = makeTempFolder();
const cluster = await startCluster({ folder, withPods: true, say });
await cluster.loadImage(await makeTestImage(say), TEST_IMAGE);
removeTempFolder(folder);
say(TEST_IMAGE);
