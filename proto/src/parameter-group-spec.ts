/**
 * The job file's list `train.parameterGroups`: parameters that are trained in another way than the rest.
 */
import { z } from 'zod';

export const parameterGroupSchema = z.strictObject({
  match: z
    .string()
    .min(1)
    .max(200)
    .describe(
      'Names of parameters: a whole name, the parts that names begin with (pool matches pool.fc2.weight, not pooling.weight), or a pattern of whole names with * (any text) and ? (one character), such as *.bias.',
    ),
  rateFactor: z
    .number()
    .nonnegative()
    .default(1)
    .describe('Times the learning rate of the step; 0 leaves them as they are, but not their moments.'),
  weightDecay: z
    .number()
    .nonnegative()
    .nullable()
    .default(null)
    .describe("Instead of the optimizer's; null takes that."),
  frozen: z
    .boolean()
    .default(false)
    .describe(
      'Keep their exact bits, and their moments: their gradient counts neither for the update nor for clipping.',
    ),
});

export type ParameterGroup = z.infer<typeof parameterGroupSchema>;
