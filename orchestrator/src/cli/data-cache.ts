/** `bagfleet data cache`: what a disk cache of bags holds, and emptying it. Its entries have no names to tell. */
import { clearCache, entriesOf } from '@bagfleet/worker/data/disk-cache/cache-folder';
import type { CommandModule } from 'yargs';
import { placeFrom } from '../job-file/resolve-paths.js';
import { formatBytes } from '../report/byte-size.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { commandGroup } from './program.js';
import { print, printJson } from './terminal.js';

interface CacheFlags extends JsonFlag {
  readonly folder: string;
}

const FOLDER = {
  type: 'string',
  demandOption: true,
  describe: 'What data.diskCache.folder says',
} as const;

const list: CommandModule<unknown, CacheFlags> = {
  command: 'list <folder>',
  describe: 'Say how much a disk cache of bags holds',
  builder: (parser) => withJson(parser).positional('folder', FOLDER),
  handler: async (flags) => {
    const folder = placeFrom(process.cwd(), flags.folder);
    const entries = (await entriesOf(folder)).filter(({ unfinished }) => !unfinished);
    const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
    const used = entries.map(({ lastUsed }) => lastUsed).sort((a, b) => a - b);
    const times = [used.at(0), used.at(-1)].map((time) =>
      time === undefined ? null : new Date(time).toISOString(),
    );
    const [leastRecentlyUsed, mostRecentlyUsed] = times;
    if (flags.json)
      return printJson({ folder, entries: entries.length, bytes, leastRecentlyUsed, mostRecentlyUsed });
    print(`${entries.length} objects, ${formatBytes(bytes)} in ${folder}`);
    if (entries.length > 0) print(`used between ${leastRecentlyUsed} and ${mostRecentlyUsed}`);
  },
};

const clear: CommandModule<unknown, CacheFlags> = {
  command: 'clear <folder>',
  describe: 'Empty a disk cache of bags; other files in the folder stay',
  builder: (parser) => withJson(parser).positional('folder', FOLDER),
  handler: async (flags) => {
    const folder = placeFrom(process.cwd(), flags.folder);
    const removed = await clearCache(folder);
    if (flags.json) return printJson({ folder, ...removed });
    print(`removed ${removed.entries} objects, ${formatBytes(removed.bytes)}, from ${folder}`);
  },
};

export const dataCache = commandGroup('cache', 'Look into, or empty, a disk cache of bags', [list, clear]);
