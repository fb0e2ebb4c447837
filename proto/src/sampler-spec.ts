/**
 * The job file's section `data.sampler`: which instances of a bag a training step sees.
 */
import { z } from 'zod';

export const SAMPLER_KINDS = ['all', 'random', 'region', 'grid', 'tissue', 'custom'] as const;

export const samplerSchema = z.strictObject({
  kind: z
    .enum(SAMPLER_KINDS)
    .default('all')
    .describe(
      'all: every instance. random: bagSize of them without replacement. region: the bagSize around a random one. grid: as many from each cell of a grid. tissue: bagSize of the tiles that show tissue. custom: those that sampler.file chooses. Drawn anew in each epoch.',
    ),
  bagSize: z
    .int()
    .positive()
    .default(1024)
    .describe('Instances of a bag that a step sees at most; of smaller bags it sees all.'),
  cells: z
    .int()
    .min(1)
    .max(256)
    .default(8)
    .describe('grid: cells along the longer side of what the instances of a slide cover.'),
  minTissue: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('tissue: share of the pixels of a tile that must show tissue.'),
  file: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('custom: JavaScript file whose module.exports is the sampler (docs/sampling.md).'),
  source: z
    .string()
    .max(65_536)
    .nullable()
    .default(null)
    .describe('custom: the text of that file, so that all workers run the same; submit fills it in.'),
});

export type SamplerSpec = z.infer<typeof samplerSchema>;
