/**
 * A process that fails on purpose: at once, without a word, as if somebody had killed or stopped it.
 * The first process of a container does not hear its own signals: it exits with the code that a killed one has, or
 * stands still for ever.
 */

const KILLED = 137;

export function killOneself(): void {
  process.kill(process.pid, 'SIGKILL');
  process.exit(KILLED);
}

export function stopOneself(): void {
  process.kill(process.pid, 'SIGSTOP');
  if (process.pid === 1) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
