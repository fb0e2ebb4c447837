// @ts-check
// In: Node's version and the range in package.json's "engines". Out: nothing, or an error that says what to install.

const LEAST = { major: 20, minor: 19 };
const FIRST_UNSUPPORTED_MAJOR = 23;

/**
 * tfjs-node uses `util.isNullOrUndefined`, which Node 23 removed.
 * @param {string} version  "20.19.0"
 * @returns {string | undefined} what is wrong
 */
export function nodeVersionProblem(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const tooOld = major < LEAST.major || (major === LEAST.major && minor < LEAST.minor);
  if (!tooOld && major < FIRST_UNSUPPORTED_MAJOR) return undefined;
  return `Node ${version} is too ${tooOld ? 'old' : 'new'}: bagfleet needs Node 20.19 or later, and below 23`;
}
