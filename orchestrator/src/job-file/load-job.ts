/**
 * From a job file to a resolved job: text → values → overrides → schema → absolute places → the user's sampler.
 * In: the file's path (`-` reads standard input), overrides, the working folder. Out: a JobSpec, or an
 * error that names the file and field, or the flag that set it.
 */
import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { text as readStream } from 'node:stream/consumers';
import { BagfleetError, fieldOfCulprit, type JobSpec, parseJob } from '@bagfleet/proto';
import { applyOverrides, type Override, overrideOf } from './override.js';
import { readJobText } from './read-job-text.js';
import { type DataPlace, resolvePaths } from './resolve-paths.js';
import { withSampler } from './with-sampler.js';

export interface JobRequest {
  readonly file: string;
  readonly overrides: readonly Override[];
  readonly workingFolder: string;
  /** BAGFLEET_STORE: where runs lie when neither the file nor a flag says so. */
  readonly defaultStore?: string | undefined;
}

export async function loadJob(request: JobRequest): Promise<JobSpec> {
  const source = request.file === '-' ? 'standard input' : request.file;
  const values = readJobText(await readSource(request), source);
  if (values === null)
    throw new BagfleetError('job-invalid', 'is empty', {
      culprit: source,
      hint: 'Write a commented job file with `bagfleet init`.',
    });
  return withSampler(resolveJob(values, source, request));
}

/** The part without reading: values of a job file to a resolved job. */
export function resolveJob(values: unknown, source: string, request: JobRequest): JobSpec {
  const overrides = [...fallbackStore(values, request.defaultStore), ...request.overrides];
  const job = blamingOverrides(source, overrides, () => parseJob(applyOverrides(values, overrides), source));
  const { file, workingFolder } = request;
  const fileFolder = file === '-' ? workingFolder : dirname(resolve(workingFolder, file));
  const wasTyped = (field: DataPlace) => overrideOf(['data', ...field.split('.')], overrides) !== undefined;
  return resolvePaths(job, { file: fileFolder, working: workingFolder }, wasTyped);
}

function fallbackStore(values: unknown, uri: string | undefined): Override[] {
  const written = (values as { store?: { uri?: unknown } | null } | null)?.store?.uri;
  return uri && written === undefined
    ? [{ path: ['store', 'uri'], value: uri, origin: 'BAGFLEET_STORE' }]
    : [];
}

async function readSource({ file, workingFolder }: JobRequest): Promise<string> {
  if (file === '-') return readStream(process.stdin);
  try {
    return await readFile(resolve(workingFolder, file), 'utf8');
  } catch (cause) {
    throw unreadable(file, cause as NodeJS.ErrnoException);
  }
}

function unreadable(file: string, cause: NodeJS.ErrnoException): BagfleetError {
  const reasons: Record<string, string> = {
    ENOENT: 'there is no such file',
    EISDIR: 'is a folder, not a job file',
    EACCES: 'may not be read by you',
  };
  return new BagfleetError('job-invalid', reasons[cause.code ?? ''] ?? cause.message, {
    culprit: file || 'the empty file name',
    ...(cause.code === 'ENOENT' ? { hint: 'Write a commented job file with `bagfleet init`.' } : {}),
    cause,
  });
}

/** A wrong field that a flag has set is the flag's fault, not the file's. */
function blamingOverrides<T>(source: string, overrides: readonly Override[], parse: () => T): T {
  try {
    return parse();
  } catch (thrown) {
    const field = thrown instanceof BagfleetError ? fieldOfCulprit(source, thrown.culprit) : undefined;
    const guilty = field === undefined ? undefined : overrideOf(field.split('.'), overrides);
    if (!guilty || !(thrown instanceof BagfleetError)) throw thrown;
    const culprit = guilty.path.join('.') === field ? guilty.origin : `${guilty.origin}, field ${field}`;
    throw new BagfleetError(thrown.code, thrown.message, {
      culprit,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
    });
  }
}
