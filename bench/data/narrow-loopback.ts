/**
 * A narrow link made by the kernel: the loopback device of a network of this process's own, so that nothing else on the
 * machine is narrowed, and no process of ours spends time on passing bytes.
 * In: nothing. Out: a way to narrow it, or null where Linux, `unshare`, `tc` or the right to them is missing.
 */
import { spawnSync } from 'node:child_process';

const MARK = 'BAGFLEET_BENCH_NETWORK';

export type Narrow = (bytesPerSecond: number) => void;

/** Starts this very process again in a network of its own and ends with it; the second time it comes back at once. */
export function inOwnNetwork(): Narrow | null {
  if (process.env[MARK] === undefined) {
    if (!isPossible()) return null;
    const words = [...process.execArgv, ...process.argv.slice(1)];
    const { status } = spawnSync('unshare', ['--net', process.execPath, ...words], {
      stdio: 'inherit',
      env: { ...process.env, [MARK]: 'own' },
    });
    process.exit(status ?? 1);
  }
  run('ip', ['link', 'set', 'lo', 'up']);
  return (bytesPerSecond) => run('tc', ['qdisc', 'replace', 'dev', 'lo', 'root', ...bucket(bytesPerSecond)]);
}

function isPossible(): boolean {
  const script = `ip link set lo up && tc qdisc add dev lo root ${bucket(1e8).join(' ')}`;
  return spawnSync('unshare', ['--net', 'sh', '-c', script]).status === 0;
}

/** A token bucket; loopback's packets have up to 64 KiB. */
function bucket(bytesPerSecond: number): string[] {
  return ['tbf', 'rate', `${Math.round(bytesPerSecond * 8)}bit`, 'burst', '512kb', 'latency', '100ms'];
}

function run(command: string, words: readonly string[]): void {
  const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${stderr}`);
}
