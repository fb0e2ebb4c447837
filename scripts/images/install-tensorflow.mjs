// @ts-check
// A step of an image's build: TensorFlow's library and the binding, or an error; an image without is no worker.
// In: "cpu" or "gpu" as argument, a folder with installed packages as working directory, BAGFLEET_CACHE.
// Out: the library in the cache folder, the binding in node_modules, both tried.

import { cacheFolder } from '../setup/cache-folder.mjs';
import { nativeBinding } from '../setup/native-binding.mjs';
import { tensorflowLibraries } from '../setup/tensorflow-libraries.mjs';
import { chooseWheel, thisMachine } from '../setup/tensorflow-wheels.mjs';

const machine = thisMachine();
const choice = chooseWheel(machine, process.argv[2] === 'gpu');
if ('none' in choice) throw new Error(choice.none);
const cache = cacheFolder();
const libraries = await tensorflowLibraries(choice.wheel, cache);
const version = await nativeBinding({ clone: process.cwd(), cache, libraries, glibc: machine.glibc });
process.stdout.write(`TensorFlow ${version}, ${choice.wheel.file}\n`);
