/**
 * The process that outlives the tests by a moment: it removes a cluster when whoever started it closes the pipe or dies.
 * In: the cluster's folder as argument, a pipe as standard input. Out: when the pipe ends, nothing is left.
 */
import { removeCluster } from './remove-cluster.js';

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: guard.ts FOLDER');

process.stdin.resume();
process.stdin.once('end', () => {
  removeCluster(folder).catch((error: unknown) => {
    process.stderr.write(`the test cluster in ${folder} was not removed: ${String(error)}\n`);
    process.exitCode = 1;
  });
});
