/**
 * What `doctor` tells of the machine that workers compute on.
 * In: the environment; it loads the backend. Out: findings, each fine or with what to do about it.
 */
import { accessSync, constants, existsSync } from 'node:fs';
import { availableParallelism, homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { BagfleetError } from '@bagfleet/proto';
import { type Backend, loadBackend } from './backend.js';
import { type Gpu, listGpus } from './gpus.js';
import { tensorflowLibrary } from './tensorflow-library.js';

export interface Finding {
  readonly name: 'node' | 'backend' | 'threads' | 'gpu' | 'cache';
  /** False: something will not work, or only slowly. */
  readonly ok: boolean;
  /** What was found: "TensorFlow 2.21.0 (native)". */
  readonly found: string;
  /** What to do, as one sentence; only where `ok` is false or something better is possible. */
  readonly hint?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

export async function inspectMachine(env: Environment = process.env): Promise<Finding[]> {
  const backend = await loadBackend(env).catch((error: unknown) => BagfleetError.from(error));
  const gpus = await listGpus();
  return [
    nodeFinding(process.versions.node),
    backendFinding(backend, tensorflowLibrary()?.path),
    threadsFinding(backend),
    gpuFinding(gpus, backend),
    cacheFinding(cacheFolder(env), backend),
  ];
}

/** The same range as package.json's "engines". */
export function nodeFinding(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const ok = (major > 20 || (major === 20 && minor >= 19)) && major < 23;
  const hint = 'Install Node 20.19 or later, below 23.';
  return { name: 'node', ok, found: `Node ${version}`, ...(ok ? {} : { hint }) };
}

export function backendFinding(backend: Backend | BagfleetError, libraryPath: string | undefined): Finding {
  if (backend instanceof BagfleetError) {
    return {
      name: 'backend',
      ok: false,
      found: backend.message,
      ...(backend.hint ? { hint: backend.hint } : {}),
    };
  }
  if (backend.name === 'tensorflow') {
    const where = libraryPath === undefined ? '' : ` from ${libraryPath}`;
    return { name: 'backend', ok: true, found: `TensorFlow ${backend.version} (native)${where}` };
  }
  const hint =
    'Run `npm run setup`: it says what native TensorFlow needs here, and that is about 10 times faster.';
  return { name: 'backend', ok: false, found: `WebAssembly ${backend.version}`, hint };
}

function threadsFinding(backend: Backend | BagfleetError): Finding {
  const available = availableParallelism();
  const used = backend instanceof BagfleetError ? '' : `, ${backend.threads} per operation as set now`;
  return { name: 'threads', ok: true, found: `${available} available${used}` };
}

export function gpuFinding(gpus: readonly Gpu[], backend: Backend | BagfleetError): Finding {
  const uses = !(backend instanceof BagfleetError) && backend.gpu;
  if (gpus.length === 0) return { name: 'gpu', ok: true, found: 'none' };
  const found = gpus.map((gpu) => `${gpu.name} (${gpu.memoryMib} MiB, driver ${gpu.driver})`).join('; ');
  if (uses) return { name: 'gpu', ok: true, found };
  const hint =
    'Run `BAGFLEET_TF=gpu npm run setup`; TensorFlow also needs the CUDA 12 and cuDNN 9 libraries.';
  return { name: 'gpu', ok: false, found: `${found}; TensorFlow does not use it`, hint };
}

/** `$BAGFLEET_CACHE`, else `$XDG_CACHE_HOME/bagfleet`, else `~/.cache/bagfleet`: as set-up chooses it. */
export function cacheFolder(env: Environment): string {
  if (env.BAGFLEET_CACHE) return resolve(env.BAGFLEET_CACHE);
  if (env.XDG_CACHE_HOME) return resolve(env.XDG_CACHE_HOME, 'bagfleet');
  return join(env.HOME || homedir(), '.cache', 'bagfleet');
}

/** It is for set-up: where native TensorFlow is found, as in an image with a read-only root, nobody writes there. */
function cacheFinding(folder: string, backend: Backend | BagfleetError): Finding {
  const isWritable = writable(nearestExisting(folder));
  const ok = isWritable || (!(backend instanceof BagfleetError) && backend.name === 'tensorflow');
  const hint = 'Set BAGFLEET_CACHE to a folder that you can write to.';
  return {
    name: 'cache',
    ok,
    found: isWritable ? folder : `${folder} cannot be written to`,
    ...(ok ? {} : { hint }),
  };
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestExisting(dirname(folder));
}

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
