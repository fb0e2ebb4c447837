/** Store options as a job file with nothing in it gives them, with changes. */
import { jobSchema } from '@bagfleet/proto/job-spec';
import type { StoreAccess } from '@bagfleet/worker/storage/store-uri';

export function plainOptions(changes: Partial<StoreAccess> = {}): StoreAccess {
  return { ...jobSchema.shape.store.parse(undefined), ...changes };
}
