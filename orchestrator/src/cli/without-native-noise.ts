/**
 * Keeps what a native library says while it is loaded off standard error.
 * TensorFlow tells of its CPU kernels on file descriptor 2, past every setting of its own; a user of `evaluate`
 * can do nothing with it. Whoever sets TF_CPP_MIN_LOG_LEVEL wants to read it and does.
 */
import { closeSync, fstatSync, openSync } from 'node:fs';

const STDERR = 2;

export async function withoutNativeNoise<T>(load: () => Promise<T>): Promise<T> {
  const kept = process.env.TF_CPP_MIN_LOG_LEVEL === undefined ? reopened(STDERR, 'a') : null;
  if (kept === null) return load();
  try {
    pointStderrAt('/dev/null');
    return await load();
  } finally {
    pointStderrAt(pathOf(kept));
    closeSync(kept);
  }
}

/** The lowest free descriptor is what `open` gives: the one just closed. */
function pointStderrAt(path: string): void {
  closeSync(STDERR);
  openSync(path, 'a');
}

/**
 * null where a descriptor can't be opened a second time: a socket, a system without /proc; and for a file,
 * where two openings write over each other.
 */
function reopened(descriptor: number, flags: string): number | null {
  try {
    return fstatSync(descriptor).isFile() ? null : openSync(pathOf(descriptor), flags);
  } catch {
    return null;
  }
}

function pathOf(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}
