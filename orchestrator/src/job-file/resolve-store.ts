/**
 * The store of a command that has no job file: flags over BAGFLEET_STORE over the default `./runs`.
 * In: overrides of `store.*`. Out: the same StoreOptions that a job with these settings has.
 */
import type { StoreOptions } from '@bagfleet/proto';
import { type JobRequest, resolveJob } from './load-job.js';

export function resolveStore(request: Omit<JobRequest, 'file'>): StoreOptions {
  const onlyStore = { data: { manifest: 'unused' } };
  return resolveJob(onlyStore, 'the store', { ...request, file: '-' }).store;
}
