/**
 * The job file's section `data.augment`: how instances are varied from visit to visit while a model is trained.
 */
import { z } from 'zod';

const share = z.number().nonnegative();

export const augmentSchema = z.strictObject({
  instanceDropout: z
    .number()
    .min(0)
    .max(0.95)
    .default(0)
    .describe('Probability that an instance is left out; one stays at least.'),
  featureNoise: share
    .default(0)
    .describe('Standard deviation of normal noise that is added to each value, after data.normalize.'),
  flips: z.boolean().default(false).describe('Tiles are mirrored, left to right and top to bottom.'),
  quarterRotations: z.boolean().default(false).describe('Square tiles are turned by 0, 90, 180 or 270°.'),
  colorJitter: z
    .strictObject({
      brightness: share.default(0).describe('The factor is drawn from 1 ± this, not below 0.'),
      contrast: share.default(0).describe('Likewise, away from the mean grey of the tile.'),
      saturation: share.default(0).describe("Likewise, away from each pixel's grey."),
      hue: share
        .max(0.5)
        .default(0)
        .describe('The turn of the hue is drawn from ± this; 0.5 is half a turn.'),
    })
    .nullable()
    .default(null)
    .describe("Colours of each image tile vary, as torchvision's ColorJitter; null leaves them."),
});

export type AugmentSpec = z.infer<typeof augmentSchema>;
export type ColorJitterSpec = NonNullable<AugmentSpec['colorJitter']>;
