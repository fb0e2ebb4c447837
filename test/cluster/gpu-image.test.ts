/**
 * The GPU worker's image on a base without CUDA: TensorFlow's GPU library is installed and the binding to it computes.
 * A download of 572 MB, so only when asked for: BAGFLEET_TEST_GPU_IMAGE=1.
 */
import { buildImage } from '../../scripts/images/build-image.mjs';
import { ownBuildah } from '../../scripts/images/buildah.mjs';
import { debianBase } from '../../scripts/images/debian-base.mjs';

const say = (line: string) => void process.stderr.write(`  ${line}\n`);

describe('the image of a worker on GPUs', function () {
  this.timeout(30 * 60_000);

  it('installs the library of the GPU wheel', async function () {
    if (process.env.BAGFLEET_TEST_GPU_IMAGE !== '1') this.skip();
    const base = await debianBase(say);
    await buildImage({
      ...{ dockerfile: 'worker-gpu', image: 'localhost/bagfleet-worker-gpu:test' },
      ...{ program: ownBuildah(), buildArguments: { NODE: base, CUDA: base } },
    });
  });
});
