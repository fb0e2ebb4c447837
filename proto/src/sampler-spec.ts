/**
 * The job file's section `data.sampler`: which instances of a bag a training step sees.
 */
import { z } from 'zod';

export const samplerSchema = z.strictObject({
  kind: z
    .enum(['all', 'random'])
    .default('all')
    .describe('all: every instance. random: bagSize of them, drawn anew in each epoch without replacement.'),
  bagSize: z
    .int()
    .positive()
    .default(1024)
    .describe('Instances that are drawn; smaller bags are seen whole.'),
});

export type SamplerSpec = z.infer<typeof samplerSchema>;
