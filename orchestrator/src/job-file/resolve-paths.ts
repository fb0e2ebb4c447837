/**
 * Relative places in a job: what a user expects of them.
 * The dataset belongs to the job file, so its manifests are relative to the file's folder, wherever the
 * command is typed; so is the file of a sampler. The store is a place to work in, so store.uri is relative to the working folder, just
 * as `--store` of the commands that read it back; the folder of the disk cache likewise. What is typed in a shell is relative to that shell.
 */
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import type { JobSpec } from '@bagfleet/proto';

export interface Folders {
  /** Folder of the job file. */
  readonly file: string;
  readonly working: string;
}

/** Fields of `data` that name a place beside the job file. */
export type DataPlace = 'manifest' | 'validation' | 'folder' | 'sampler.file';

export function resolvePaths(
  job: JobSpec,
  folders: Folders,
  wasTyped: (field: DataPlace) => boolean,
): JobSpec {
  const baseOf = (field: DataPlace) => (wasTyped(field) ? folders.working : folders.file);
  const { manifest, validation, folder, diskCache, sampler } = job.data;
  return {
    ...job,
    data: {
      ...job.data,
      manifest: placeFrom(baseOf('manifest'), manifest),
      validation: validation === null ? null : placeFrom(baseOf('validation'), validation),
      folder: folder === null ? null : placeFrom(baseOf('folder'), folder),
      sampler: {
        ...sampler,
        file: sampler.file === null ? null : placeFrom(baseOf('sampler.file'), sampler.file),
      },
      diskCache: diskCache && { ...diskCache, folder: placeFrom(folders.working, diskCache.folder) },
    },
    store: { ...job.store, uri: placeFrom(folders.working, job.store.uri) },
  };
}

/** An absolute path; URIs stay as they are, `~` is the home folder. */
export function placeFrom(base: string, place: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(place)) return place;
  return resolve(
    base,
    place.replace(/^~(?=\/|$)/, () => homedir()),
  );
}
