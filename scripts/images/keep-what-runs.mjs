// @ts-check
// The last step of an image's build: removes what no process of bagfleet ever opens, half of node_modules.
// In: the clone's layout as working directory, installed without development packages. Out: the same, smaller.

import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Types, maps of packages and their texts; licences stay. */
const UNUSED_FILE = /\.(d\.[mc]?ts|map|md|markdown|ts|tsbuildinfo)$/i;
/** TensorFlow.js brings each of its bundles ten times; Node loads the one that "main" names. */
const BROWSER_BUNDLE =
  /@tensorflow\/[^/]+\/dist\/[^/]*(\.min|\.es2017|\.es2017\.min|\.fesm|\.fesm\.min)\.js$/;
const HEADERS_AND_COMPILATIONS = /^(include|stamp\.json)$/;

for (const root of ['node_modules', 'proto', 'worker', 'orchestrator'])
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && (UNUSED_FILE.test(path) || BROWSER_BUNDLE.test(path))) rmSync(path);
  }

const cache = 'cache';
for (const folder of existsSync(cache) ? readdirSync(cache) : []) {
  if (folder.startsWith('binding-')) rmSync(join(cache, folder), { recursive: true });
  else
    for (const name of readdirSync(join(cache, folder)))
      if (HEADERS_AND_COMPILATIONS.test(name)) rmSync(join(cache, folder, name), { recursive: true });
}
rmSync('scripts', { recursive: true });
