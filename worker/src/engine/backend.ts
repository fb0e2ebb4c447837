/**
 * Loads the one tensor backend of this process or thread: native TensorFlow if its binding is there, else
 * WebAssembly. In: the environment. Out: which backend, its version and its threads.
 *
 * All other code imports `@tensorflow/tfjs-core` only: the backends are loaded here and register themselves
 * with that same instance.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { BagfleetError } from '@bagfleet/proto';
import * as tf from '@tensorflow/tfjs-core';
import { registerNativeKernels } from './native-kernels.js';
import { registerWasmKernels } from './wasm-kernels.js';

const require = createRequire(import.meta.url);

export interface Backend {
  readonly name: 'tensorflow' | 'wasm';
  /** TensorFlow's own version ("2.21.0"), or that of the WebAssembly package ("4.22.0"). */
  readonly version: string;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** True if TensorFlow computes on a GPU. */
  readonly gpu: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

let loaded: Promise<Backend> | undefined;

/**
 * The first call loads, later ones return the same backend. `BAGFLEET_BACKEND` (`tensorflow` or `wasm`) forces one.
 * @throws BagfleetError `usage` for another value, `peer-incompatible` if TensorFlow is there and does not load
 */
export function loadBackend(env: Environment = process.env): Promise<Backend> {
  loaded ??= load(env);
  return loaded;
}

/** The path of the compiled binding, whether it is there or not. */
export function bindingPath(): string {
  const folder = dirname(require.resolve('@tensorflow/tfjs-node/package.json'));
  return join(folder, 'lib', 'napi-v8', 'tfjs_binding.node');
}

async function load(env: Environment): Promise<Backend> {
  const name = chooseBackend(env, existsSync(bindingPath()));
  return name === 'tensorflow' ? loadTensorflow(env) : loadWasm();
}

/** `BAGFLEET_BACKEND` if it is set, else native TensorFlow if its binding is there. */
export function chooseBackend(env: Environment, bindingIsThere: boolean): Backend['name'] {
  const wish = env.BAGFLEET_BACKEND || (bindingIsThere ? 'tensorflow' : 'wasm');
  if (wish === 'tensorflow' || wish === 'wasm') return wish;
  throw new BagfleetError('usage', `"${wish}" is not a backend`, {
    culprit: 'environment variable BAGFLEET_BACKEND',
    hint: 'Use tensorflow or wasm, or leave it out.',
  });
}

function loadTensorflow(env: Environment): Backend {
  process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'; // in a thread this is a copy: there, the launcher must have set it
  silenceDeprecations();
  try {
    require('@tensorflow/tfjs-node');
  } catch (error) {
    throw new BagfleetError('peer-incompatible', `native TensorFlow does not load: ${String(error)}`, {
      culprit: bindingPath(),
      hint: 'Run `npm run setup` again, or set BAGFLEET_BACKEND=wasm to compute without it (about 10 times slower).',
      cause: error,
    });
  }
  registerNativeKernels();
  const backend = tf.backend() as unknown as NativeBackend;
  return {
    name: 'tensorflow',
    version: backend.binding.TF_Version,
    threads: nativeThreads(env),
    gpu: backend.isUsingGpuDevice,
  };
}

/** What tfjs-node's backend has beyond a KernelBackend. */
interface NativeBackend {
  readonly binding: { readonly TF_Version: string };
  readonly isUsingGpuDevice: boolean;
}

/** TensorFlow takes all processors unless told otherwise; 0 also means all. */
function nativeThreads(env: Environment): number {
  return Number(env.TF_NUM_INTRAOP_THREADS ?? 0) || availableParallelism();
}

/** In Node the WebAssembly backend always computes on one thread. */
async function loadWasm(): Promise<Backend> {
  silenceDeprecations();
  require('@tensorflow/tfjs'); // registers the gradients, which tfjs-core's build for Node leaves out
  const wasm = require('@tensorflow/tfjs-backend-wasm') as typeof import('@tensorflow/tfjs-backend-wasm');
  wasm.setThreadsCount(1);
  if (!(await tf.setBackend('wasm'))) {
    throw new BagfleetError('bug', 'the WebAssembly backend did not start', { culprit: 'tfjs-backend-wasm' });
  }
  registerWasmKernels();
  return { name: 'wasm', version: wasm.version_wasm, threads: 1, gpu: false };
}

/**
 * TensorFlow.js calls functions of Node that newer versions warn about, some of them only in a later operation.
 * Nobody who reads a worker's log can mend that, so this thread prints no deprecation warnings from here on.
 */
function silenceDeprecations(): void {
  process.noDeprecation = true;
}
