/**
 * The fingerprint of a worker: all of the machine that can change a result's last bits.
 * In: the loaded backend, the machine. Out: a plain object for the join message and the run's record, its sha256,
 * and, for two that differ, the fields that do.
 *
 * Host names, addresses, memory and the number of processors are left out: none of them changes a bit.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { imageDecoderVersion } from '../data/tiles/decoder-version.js';
import type { Backend } from './backend.js';
import { type Gpu, listGpus } from './gpus.js';
import { type LoadedLibrary, tensorflowLibrary } from './tensorflow-library.js';

export interface Fingerprint {
  readonly backend: Backend['name'];
  /** TensorFlow's version, or that of the WebAssembly package. */
  readonly version: string;
  /** TensorFlow's library by file name and size: builds of one version differ. Null for WebAssembly. */
  readonly library: string | null;
  readonly threads: number;
  readonly processor: string;
  readonly architecture: string;
  /** Instruction sets that choose between numeric kernels, sorted. */
  readonly features: readonly string[];
  /** "L1 Data 32K", "L2 Unified 1024K": block sizes of matrix products follow from them. */
  readonly caches: readonly string[];
  /** "glibc 2.36": its mathematical functions. */
  readonly libc: string;
  /** TF_ENABLE_ONEDNN_OPTS as TensorFlow reads it: "default", "0" or "1". */
  readonly oneDnn: string;
  readonly node: string;
  /** The decoder of image tiles. */
  readonly images: string;
  /** Name and driver of each GPU that TensorFlow computes on. */
  readonly gpus: readonly string[];
  /** TF_DETERMINISTIC_OPS, TF_CUDNN_USE_AUTOTUNE, NVIDIA_TF32_OVERRIDE; empty without a GPU. */
  readonly gpuSettings: Readonly<Record<string, string>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Of the machine that runs this. */
export async function fingerprintOf(backend: Backend, env: Environment = process.env): Promise<Fingerprint> {
  const gpus = backend.gpu ? await listGpus() : [];
  return {
    backend: backend.name,
    version: backend.version,
    library: libraryIdentity(tensorflowLibrary()),
    threads: backend.threads,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    architecture: process.arch,
    features: numericFeatures(readIfThere('/proc/cpuinfo')),
    caches: cacheSizes('/sys/devices/system/cpu/cpu0/cache'),
    libc: libcVersion(),
    oneDnn: env.TF_ENABLE_ONEDNN_OPTS ?? 'default',
    node: process.versions.node,
    images: imageDecoderVersion(),
    gpus: gpus.map(describeGpu),
    gpuSettings: backend.gpu ? gpuSettings(env) : {},
  };
}

/** 64 hexadecimal digits; the order of an object's keys does not matter. */
export function fingerprintDigest(fingerprint: Fingerprint): string {
  return createHash('sha256').update(canonical(fingerprint)).digest('hex');
}

/** One sentence part per differing field: "threads 2 instead of 4". Empty if they are the same. */
export function fingerprintDifferences(ours: Fingerprint, theirs: Fingerprint): string[] {
  const fields = Object.keys(ours) as (keyof Fingerprint)[];
  return fields
    .filter((field) => canonical(ours[field]) !== canonical(theirs[field]))
    .map((field) => `${field} ${shown(theirs[field])} instead of ${shown(ours[field])}`);
}

/** x86 calls the line "flags", Arm "Features". Other flags come and go with the kernel's version. */
export function numericFeatures(cpuinfo: string): string[] {
  const [, name, flags = ''] = /^(flags|Features)\s*:\s*(.*)$/m.exec(cpuinfo) ?? [];
  const numeric = name === 'flags' ? X86_NUMERIC : ARM_NUMERIC;
  return [...new Set(flags.split(/\s+/).filter((flag) => numeric.test(flag)))].sort();
}

const X86_NUMERIC = /^(sse\w*|ssse3|pni|avx\w*|fma4?|f16c|amx\w*|bmi[12])$/;
const ARM_NUMERIC = /^(fphp|asimd\w*|sve\w*|sme\w*|bf16|i8mm)$/;

/** @param folder one subfolder per cache, as Linux lays them out; none elsewhere */
function cacheSizes(folder: string): string[] {
  const read = (index: string, name: string): string => readIfThere(join(folder, index, name)).trim();
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith('index'))
      .map((index) => `L${read(index, 'level')} ${read(index, 'type')} ${read(index, 'size')}`)
      .filter((cache) => !cache.includes('Instruction'))
      .sort();
  } catch {
    return [];
  }
}

function libcVersion(): string {
  Object.assign(process.report, { excludeNetwork: true }); // else it looks up the names of all peers
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  return header.glibcVersionRuntime === undefined
    ? `${process.platform} libc`
    : `glibc ${header.glibcVersionRuntime}`;
}

function libraryIdentity(library: LoadedLibrary | null): string | null {
  return library === null ? null : `${library.name} of ${library.bytes} bytes`;
}

function describeGpu(gpu: Gpu): string {
  return `${gpu.name}, driver ${gpu.driver}`;
}

function gpuSettings(env: Environment): Record<string, string> {
  const names = ['TF_DETERMINISTIC_OPS', 'TF_CUDNN_USE_AUTOTUNE', 'NVIDIA_TF32_OVERRIDE'];
  return Object.fromEntries(names.map((name) => [name, env[name] ?? 'default']));
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

/** JSON with the keys of every object sorted. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : canonical(value);
}
