/**
 * The job file's section `data.graph`: which instances of a bag are neighbours, from where they lie on the slide.
 */
import { z } from 'zod';

export const GRAPH_KINDS = ['grid', 'knn', 'radius'] as const;

const positive = z.number().positive();

export const graphSchema = z.strictObject({
  kind: z
    .enum(GRAPH_KINDS)
    .describe(
      'grid: up to 8 neighbours around each tile. knn: the k nearest instances. radius: all within that many pixels.',
    ),
  k: z.int().min(1).max(256).default(8).describe('Neighbours of each instance, for knn.'),
  radius: positive
    .default(512)
    .describe(
      'Largest distance of neighbours, for radius, in the unit of the coordinates (pixels of level 0).',
    ),
  step: positive
    .nullable()
    .default(null)
    .describe('Distance of neighbouring tiles, for grid; null finds it on each slide.'),
});

export type GraphSpec = z.infer<typeof graphSchema>;
