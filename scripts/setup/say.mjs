// @ts-check
// What set-up says to the person who runs it: steps, notes, and one line that counts while a file arrives.
// In: sentences and byte counts. Out: lines on stdout; on a terminal the counting line is redrawn in place.

const terminal = process.stdout.isTTY === true;
const PLAIN_LINE_EVERY_MS = 5000;

/** A step that is done or under way. @param {string} text */
export function say(text) {
  process.stdout.write(`${text}\n`);
}

/**
 * Something is missing and set-up goes on without it: what, why it matters, what to do.
 * @param {string} what
 * @param {string} consequence
 * @param {string} remedy
 */
export function warn(what, consequence, remedy) {
  process.stdout.write(`! ${what}. ${consequence}. ${remedy}.\n`);
}

/**
 * Counts bytes that arrive.
 * @param {string} label
 * @param {number} total bytes expected
 * @returns {{ show(bytes: number): void, end(): void }}
 */
export function progress(label, total) {
  let lastPlainLine = -Infinity;
  return {
    show(bytes) {
      const line = `  ${label}: ${progressText(bytes, total)}`;
      if (terminal) {
        process.stdout.write(`\r${line}\x1b[K`);
      } else if (Date.now() - lastPlainLine >= PLAIN_LINE_EVERY_MS) {
        lastPlainLine = Date.now();
        say(line);
      }
    },
    end() {
      if (terminal) process.stdout.write('\r\x1b[K');
    },
  };
}

/**
 * "120 of 274 MB (43%)".
 * @param {number} bytes
 * @param {number} total
 */
export function progressText(bytes, total) {
  const shown = Math.min(bytes, total);
  return `${megabytes(shown)} of ${megabytes(total)} MB (${Math.floor((100 * shown) / total)}%)`;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return Math.round(bytes / 1e6);
}
