/**
 * A user's sampler becomes a part of the job: all workers run the same text, wherever they are, and so does a run that is
 * resumed after the file has changed.
 * In: a job with absolute places. Out: the job with data.sampler.source, or an error that names the file.
 */
import { readFile } from 'node:fs/promises';
import { BagfleetError, type JobSpec } from '@bagfleet/proto';

/** Bytes: the job is read by every worker. */
const LARGEST = 65_536;

export async function withSampler(job: JobSpec): Promise<JobSpec> {
  const { sampler } = job.data;
  if (sampler.kind !== 'custom' || sampler.file === null || sampler.source !== null) return job;
  const source = await readFile(sampler.file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const reason = cause.code === 'ENOENT' ? 'there is no such file' : cause.message;
    throw wrongFile(`${sampler.file}: ${reason}`, cause);
  });
  if (source.length > LARGEST)
    throw wrongFile(`${sampler.file} has ${source.length} characters, ${LARGEST} are allowed`);
  return { ...job, data: { ...job.data, sampler: { ...sampler, source } } };
}

function wrongFile(message: string, cause?: Error): BagfleetError {
  return new BagfleetError('job-invalid', message, {
    culprit: 'job field data.sampler.file',
    hint: 'A sampler is one JavaScript file beside the job file (docs/sampling.md).',
    ...(cause ? { cause } : {}),
  });
}
