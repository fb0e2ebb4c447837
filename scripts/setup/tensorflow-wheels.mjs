// @ts-check
// The pinned builds of TensorFlow: which file of the Python package index holds the libraries for a machine.
// In: platform, processor, C library, the wish for a GPU. Out: a wheel with its sha256, or why there is none.
//
// The libraries in a wheel do not depend on Python's version, so one tag (cp311) is pinned for everybody
// and fetched by that tag whatever Python is installed.

export const TENSORFLOW_VERSION = '2.21.0';
export const PYTHON_TAG = 'cp311';
export const PYTHON_VERSION = '3.11';
/** The oldest glibc that the wheels run on (their tag is manylinux_2_27). */
const OLDEST_GLIBC = [2, 27];

/**
 * @typedef {object} Wheel
 * @property {string} distribution  name on the package index
 * @property {string} file          exact file name
 * @property {string} platform      the wheel's platform tag
 * @property {string} sha256
 * @property {number} bytes
 *
 * @typedef {{ platform: string, arch: string, glibc: string | undefined }} Machine
 */

/** @type {Record<string, Wheel>} */
const WHEELS = {
  'x64-cpu': wheel(
    'tensorflow-cpu',
    'x86_64',
    273_829_956,
    '2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c',
  ),
  'x64-gpu': wheel(
    'tensorflow',
    'x86_64',
    572_440_367,
    '9056fbc9ba04235810b71ae6cbd958a196e8804fb53bbcffbf3e23b56155f124',
  ),
  'arm64-cpu': wheel(
    'tensorflow',
    'aarch64',
    281_828_020,
    '4b24aca16d527a3cf1c37f720c04c484c3d20f4d0fdfa98632ac8b9f3be6eb5c',
  ),
};

/**
 * @param {Machine} machine
 * @param {boolean} gpu
 * @returns {{ wheel: Wheel } | { none: string }}
 */
export function chooseWheel(machine, gpu) {
  if (machine.platform !== 'linux') return { none: `no TensorFlow build is pinned for ${machine.platform}` };
  if (machine.glibc === undefined)
    return { none: 'TensorFlow needs glibc, and this system has another C library' };
  if (older(machine.glibc, OLDEST_GLIBC)) {
    return {
      none: `TensorFlow needs glibc ${OLDEST_GLIBC.join('.')} or later, and this system has ${machine.glibc}`,
    };
  }
  const chosen = WHEELS[`${machine.arch}-${gpu ? 'gpu' : 'cpu'}`];
  if (chosen === undefined) {
    return { none: `no ${gpu ? 'GPU' : 'CPU'} build of TensorFlow is pinned for ${machine.arch} processors` };
  }
  return { wheel: chosen };
}

/** @returns {Machine} the machine that runs this. */
export function thisMachine() {
  const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return { platform: process.platform, arch: process.arch, glibc: header.glibcVersionRuntime };
}

/**
 * @param {string} distribution
 * @param {string} processor
 * @param {number} bytes
 * @param {string} sha256
 * @returns {Wheel}
 */
function wheel(distribution, processor, bytes, sha256) {
  const platform = `manylinux_2_27_${processor}`;
  const name = distribution.replace('-', '_');
  const file = `${name}-${TENSORFLOW_VERSION}-${PYTHON_TAG}-${PYTHON_TAG}-${platform}.whl`;
  return { distribution, file, platform, sha256, bytes };
}

/**
 * @param {string} version  "2.36"
 * @param {number[]} least
 */
function older(version, [leastMajor = 0, leastMinor = 0]) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
}
