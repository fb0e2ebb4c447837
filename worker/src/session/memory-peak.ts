/**
 * The most memory that this process has held so far: what is told when it is killed for memory.
 * In a container that is what its control group has counted, which is what its limit is held against; the process's own
 * count has the pages of libraries in it, too. In: the system. Out: bytes.
 */
import { readFileSync } from 'node:fs';

/** Version 2 and version 1 of control groups, as a container sees its own. */
const COUNTED = ['/sys/fs/cgroup/memory.peak', '/sys/fs/cgroup/memory/memory.max_usage_in_bytes'];
const KIB = 1024;

export function memoryPeak(): number {
  const counted = process.pid === 1 ? COUNTED.map(read).find((bytes) => bytes > 0) : undefined;
  return counted ?? process.resourceUsage().maxRSS * KIB;
}

/** 0 where it is not to be had. */
function read(path: string): number {
  try {
    return Number(readFileSync(path, 'utf8')) || 0;
  } catch {
    return 0;
  }
}
