/**
 * The job file's section `model`: what is trained.
 */
import { z } from 'zod';

export const MODEL_NAMES = ['abmil', 'lenet_abmil'] as const;

export const modelSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .default('abmil')
    .describe(`One of: ${MODEL_NAMES.join(', ')}.`),
  hidden: z.int().positive().default(512).describe('Width of the instance embedding.'),
  attention: z.int().positive().default(128).describe('Width of the attention layer.'),
  gated: z
    .boolean()
    .default(true)
    .describe('Gated attention (Ilse et al. 2018, eq. 9) or tanh alone (eq. 8).'),
  dropout: z.number().min(0).max(0.95).default(0).describe('Dropout on the instance embedding, 0 … 0.95.'),
  initial: z
    .strictObject({
      checkpoint: z
        .string()
        .min(1)
        .describe("A checkpoint's folder or URI; submit also takes RUN, RUN@best and RUN@42."),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .nullable()
        .default(null)
        .describe("Digest of the checkpoint's manifest.json; submit fills it in."),
    })
    .nullable()
    .default(null)
    .describe(
      'Warm start: parameters come from this checkpoint, optimizer and progress begin anew; null draws them from the seed.',
    ),
});

export type ModelConfig = z.infer<typeof modelSchema>;
