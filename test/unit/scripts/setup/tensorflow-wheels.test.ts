/** Which TensorFlow build a machine gets, and what is said where there is none. */
import assert from 'node:assert/strict';
import { chooseWheel, thisMachine } from '../../../../scripts/setup/tensorflow-wheels.mjs';

const linux = { platform: 'linux', arch: 'x64', glibc: '2.36' };

describe('the choice of a TensorFlow build', () => {
  it('is a pinned file for x64 and arm64, and for GPUs on x64', () => {
    assert.equal(fileFor(linux, false), 'tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl');
    assert.equal(fileFor(linux, true), 'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl');
    assert.equal(
      fileFor({ ...linux, arch: 'arm64' }, false),
      'tensorflow-2.21.0-cp311-cp311-manylinux_2_27_aarch64.whl',
    );
  });

  it('comes with a digest and a size', () => {
    const choice = chooseWheel(linux, false);
    assert.ok('wheel' in choice);
    assert.match(choice.wheel.sha256, /^[0-9a-f]{64}$/);
    assert.ok(choice.wheel.bytes > 1e8);
  });

  for (const [what, machine, gpu, reason] of [
    ['another system', { ...linux, platform: 'darwin' }, false, 'no TensorFlow build is pinned for darwin'],
    [
      'another C library',
      { ...linux, glibc: undefined },
      false,
      'TensorFlow needs glibc, and this system has another C library',
    ],
    [
      'an old glibc',
      { ...linux, glibc: '2.17' },
      false,
      'TensorFlow needs glibc 2.27 or later, and this system has 2.17',
    ],
    [
      'another processor',
      { ...linux, arch: 'riscv64' },
      false,
      'no CPU build of TensorFlow is pinned for riscv64 processors',
    ],
    [
      'a GPU on arm64',
      { ...linux, arch: 'arm64' },
      true,
      'no GPU build of TensorFlow is pinned for arm64 processors',
    ],
  ] as const) {
    it(`is none for ${what}, and says why`, () => {
      assert.deepEqual(chooseWheel(machine, gpu), { none: reason });
    });
  }

  it('takes glibc 2.27 itself, and 3.0', () => {
    for (const glibc of ['2.27', '3.0']) assert.ok('wheel' in chooseWheel({ ...linux, glibc }, false));
  });

  it('knows this machine', () => {
    assert.equal(thisMachine().platform, process.platform);
    assert.equal(thisMachine().arch, process.arch);
  });
});

function fileFor(machine: Parameters<typeof chooseWheel>[0], gpu: boolean): string {
  const choice = chooseWheel(machine, gpu);
  assert.ok('wheel' in choice);
  return choice.wheel.file;
}
