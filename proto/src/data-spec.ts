/**
 * The job file's section `data`: which bags, where they lie, and how they are read.
 */
import { z } from 'zod';
import { augmentSchema } from './augment-spec.js';
import { graphSchema } from './graph-spec.js';
import { labelMapSchema } from './label-map.js';
import { samplerSchema } from './sampler-spec.js';

const positive = z.number().positive();

export const dataSchema = z.strictObject({
  manifest: z.string().min(1).describe('URI or path of the dataset manifest (manifest.json).'),
  validation: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('Another manifest whose bags validate, instead of the split val; null takes the split.'),
  folder: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "Folder or URI that the keys of the manifest's bags are relative to; null is the manifest's own folder.",
    ),
  fold: z
    .int()
    .nonnegative()
    .nullable()
    .default(null)
    .describe('Cross-validation: bags of this fold are the test bags, the others train.'),
  labelMap: labelMapSchema
    .nullable()
    .default(null)
    .describe(
      "Labels joined to new classes 0, 1 and so on, such as { 0: 0, 1-5: 1 } for PANDA's grades; null at a label leaves its bags out. null takes labels as they are.",
    ),
  normalize: z
    .strictObject({
      mean: z.array(z.number()).min(1).describe('One value, or one per channel or feature.'),
      std: z.array(positive).min(1).describe('One value, or one per channel or feature.'),
    })
    .nullable()
    .default(null)
    .describe('(x - mean) / std for every instance; null leaves values as they are.'),
  sampler: samplerSchema
    .prefault({})
    .describe('Which instances of a bag a training step sees; validation and prediction see all.'),
  crop: z
    .int()
    .positive()
    .nullable()
    .default(null)
    .describe(
      'Side of the square of each tile that the model sees: anywhere in training, the centre else; null is all of it.',
    ),
  augment: augmentSchema
    .prefault({})
    .describe(
      'How instances are varied while a model is trained; validation and prediction see them as they are.',
    ),
  graph: graphSchema
    .nullable()
    .default(null)
    .describe(
      'Edges between instances, built from their coordinates: to the 8 tiles around (grid), the k nearest (knn) or all within a radius; null takes those of the files, if any.',
    ),
  prefetch: z
    .int()
    .min(1)
    .max(64)
    .default(8)
    .describe('Bags that a worker fetches at once, ahead of its need.'),
  bufferMiB: z
    .int()
    .min(1)
    .default(256)
    .describe('Memory for bags that were fetched ahead, per worker; a bag that is larger passes alone.'),
  cacheMiB: z
    .int()
    .nonnegative()
    .default(1024)
    .describe('Memory for bags kept from epoch to epoch, per worker; less where its memory limit is small.'),
  diskCache: z
    .strictObject({
      folder: z.string().min(1).describe('Folder on a disk of the worker; workers of one machine share it.'),
      gibibytes: positive.describe('How much it may hold, in GiB; what was not used for longest goes first.'),
    })
    .nullable()
    .default(null)
    .describe('Bags from S3 kept on disk, from epoch to epoch and run to run; null keeps none.'),
});

/** The section as it is written: all fields but the manifest have defaults. */
export type WrittenData = z.input<typeof dataSchema>;
