/**
 * The image that pods of tests run: the one that BAGFLEET_TEST_IMAGE names, which a foreign cluster can pull, or else
 * that of the clone as it is built now. In: the cluster. Out: the image's name for pods of it.
 */
import { makeTestImage, TEST_IMAGE } from '../machine/test-image.js';
import type { ClusterInTests } from './cluster-in-tests.js';

export async function workerImage(cluster: ClusterInTests): Promise<string> {
  const given = process.env.BAGFLEET_TEST_IMAGE;
  if (given) return given;
  await cluster.loadImage(
    await makeTestImage((line) => void process.stderr.write(`  ${line}\n`)),
    TEST_IMAGE,
  );
  return TEST_IMAGE;
}
