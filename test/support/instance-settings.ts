/** The part of a job's section data that says how instances are seen, as its schema resolves it. */
import { dataSchema, type WrittenData } from '@bagfleet/proto/data-spec';
import type { InstanceSettings } from '@bagfleet/worker/data/instances/instance-rules';

export function instanceSettings(written: Omit<WrittenData, 'manifest'> = {}): InstanceSettings {
  return dataSchema.parse({ manifest: 'm', ...written });
}
