/** `bagfleet checkpoints tag`: points a tag such as `production` at a checkpoint of this store. */
import { hostname, userInfo } from 'node:os';
import { BagfleetError, type CheckpointRef } from '@bagfleet/proto';
import { sha256Of } from '@bagfleet/worker/checkpoint/checkpoint-files';
import type { LocatedCheckpoint } from '@bagfleet/worker/checkpoint/locate-checkpoint';
import type { CommandModule } from 'yargs';
import { currentMove, moveTag, readTag } from '../registry/tags.js';
import { interruptible } from './interruptible.js';
import { checkpointWords } from './model-words.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type CheckpointFlags, withCheckpoint, withCheckpointName } from './options/model-flags.js';
import { withRunStore } from './run-store.js';
import { print, printJson } from './terminal.js';

interface TagFlags extends CheckpointFlags, JsonFlag {
  readonly tag: string;
}

export const checkpointsTag: CommandModule<unknown, TagFlags> = {
  command: 'tag <model> <tag>',
  describe: 'Point a tag at a checkpoint of this store',
  builder: (parser) =>
    withJson(withCheckpointName(parser))
      .positional('tag', { type: 'string', demandOption: true, describe: 'Name, such as production' })
      .example('$0 checkpoints tag latest production', "The newest run's best checkpoint") as never,
  handler: (flags) =>
    interruptible(() =>
      withRunStore(flags, (runs) =>
        withCheckpoint(flags, async (checkpoint) => {
          const to = refIn(runs.uri, checkpoint);
          const before = await readTag(runs, flags.tag);
          await moveTag(runs, flags.tag, { to, by: person(), at: new Date() }, before);
          const was = before && currentMove(before);
          if (flags.json) return printJson({ tag: flags.tag, now: to, before: was });
          const from = was ? `; it pointed at ${was.run}, step ${was.step}` : '';
          print(`${flags.tag} points at ${checkpointWords(checkpoint.manifest)}${from}`);
        }),
      ),
    ),
};

/** Tags name runs of their own store, so that they stay right when the store is copied as a whole. */
function refIn(runs: string, { uri, manifest, manifestBytes }: LocatedCheckpoint): CheckpointRef {
  const inside = uri.startsWith(`${runs}/`) ? uri.slice(runs.length + 1).split('/') : [];
  if (inside.length === 3)
    return { run: inside[0], step: manifest.progress.step, manifestSha256: sha256Of(manifestBytes) };
  throw new BagfleetError('usage', `is no checkpoint of a run in ${runs}`, {
    culprit: uri,
    hint: 'Name the store that keeps it with --store.',
  });
}

function person(): string {
  return `${userInfo().username}@${hostname()}`;
}
