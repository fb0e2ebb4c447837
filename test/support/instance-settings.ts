/** The part of a job's section data that says how instances are seen, as its schema resolves it. */
import { dataSchema } from '@bagfleet/proto/data-spec';
import type { InstanceSettings } from '@bagfleet/worker/data/instances/instance-rules';
import type { z } from 'zod';

export function instanceSettings(
  written: Omit<z.input<typeof dataSchema>, 'manifest'> = {},
): InstanceSettings {
  return dataSchema.parse({ manifest: 'm', ...written });
}
