// @ts-check
// The one failure that set-up lives with: native TensorFlow cannot be had here, so WebAssembly is used.
// Anything else that goes wrong ends set-up.

export class MissingPart extends Error {
  /**
   * @param {string} what    what is missing or went wrong, without a full stop
   * @param {string} remedy  what to do about it, without a full stop
   */
  constructor(what, remedy) {
    super(what);
    this.what = what;
    this.remedy = remedy;
  }
}
