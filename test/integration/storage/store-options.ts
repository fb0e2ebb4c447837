/** Store options as a job file with nothing in it gives them, with changes. */
import { jobSchema } from '@bagfleet/proto/job-spec';
import type { S3Options } from '@bagfleet/worker/storage/s3-client';

export function plainOptions(changes: Partial<S3Options> = {}): S3Options {
  return { ...jobSchema.shape.store.parse(undefined), ...changes };
}
