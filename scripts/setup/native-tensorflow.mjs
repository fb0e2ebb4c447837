// @ts-check
// Native TensorFlow for this clone, or the reason why WebAssembly is used instead.
// In: the clone and the environment (BAGFLEET_TF=gpu picks the GPU build). Out: one line for the user.

import { cacheFolder } from './cache-folder.mjs';
import { MissingPart } from './missing-part.mjs';
import { nativeBinding, uninstall } from './native-binding.mjs';
import { say, warn } from './say.mjs';
import { tensorflowLibraries } from './tensorflow-libraries.mjs';
import { chooseWheel, thisMachine } from './tensorflow-wheels.mjs';

/** @typedef {Record<string, string | undefined>} Environment */

/**
 * @param {string} clone
 * @param {Environment} [env]
 * @returns {Promise<void>}
 */
export async function setUpNativeTensorflow(clone, env = process.env) {
  const machine = thisMachine();
  const choice = chooseWheel(machine, wantsGpu(env));
  if ('none' in choice) {
    return warnOfWebAssembly(choice.none, 'Use Linux on x64 or arm64 with glibc for native speed');
  }
  try {
    const cache = cacheFolder(env);
    const libraries = await tensorflowLibraries(choice.wheel, cache);
    const version = await nativeBinding({ clone, cache, libraries, glibc: machine.glibc });
    say(`TensorFlow ${version} is ready (native, ${choice.wheel.distribution}, libraries in ${libraries})`);
  } catch (error) {
    if (!(error instanceof MissingPart)) throw error;
    uninstall(clone);
    warnOfWebAssembly(error.what, error.remedy);
  }
}

/**
 * @param {string} what
 * @param {string} remedy
 */
function warnOfWebAssembly(what, remedy) {
  warn(what, 'bagfleet will use the WebAssembly backend, about 10 times slower', remedy);
}

/** @param {Environment} env */
function wantsGpu(env) {
  const wish = env.BAGFLEET_TF ?? 'cpu';
  if (wish !== 'cpu' && wish !== 'gpu') throw new Error(`BAGFLEET_TF is "${wish}": use cpu or gpu`);
  return wish === 'gpu';
}
