/**
 * The NVIDIA GPUs of this machine, as the driver lists them.
 * In: nvidia-smi. Out: name, driver and memory of each; none if there is no driver.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface Gpu {
  readonly name: string;
  readonly driver: string;
  readonly memoryMib: number;
}

const QUERY = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader,nounits'];
const DEADLINE_MS = 10_000;

export async function listGpus(): Promise<Gpu[]> {
  try {
    const { stdout } = await promisify(execFile)('nvidia-smi', QUERY, { timeout: DEADLINE_MS });
    return parseGpus(stdout);
  } catch {
    return [];
  }
}

/** One line per GPU: "NVIDIA L4, 550.54.15, 23034". */
export function parseGpus(csv: string): Gpu[] {
  return csv
    .split('\n')
    .map((line) => line.split(',').map((part) => part.trim()))
    .filter((parts) => parts.length === 3)
    .map(([name = '', driver = '', memory = '']) => ({ name, driver, memoryMib: Number(memory) }));
}
