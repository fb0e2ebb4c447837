/**
 * Groups of settings in the job file's section `model`, each for the models that have such a part.
 */
import { z } from 'zod';

const size = z.int().positive();
const rate = z.number().min(0).max(0.95);

export const pooledSchema = z.strictObject({
  attentionLayers: z
    .array(size)
    .default([256, 256])
    .describe('Widths of the hidden layers of the attention.'),
  classifierLayers: z
    .array(size)
    .default([256, 256])
    .describe('Widths of the hidden layers of the classifier.'),
});

export const clamSchema = z.strictObject({
  k: size.default(8).describe('Instances of highest and of lowest attention that are clustered.'),
  instanceLoss: z
    .enum(['svm', 'cross_entropy'])
    .default('svm')
    .describe('Loss of the clustering: smooth top-1 SVM or cross-entropy.'),
  subtyping: z
    .boolean()
    .default(true)
    .describe(
      'Classes exclude each other: what attention ranks first for one class is evidence of no other.',
    ),
  bagWeight: z.number().nonnegative().default(0.7).describe("Weight of the bag's loss."),
  instanceWeight: z.number().nonnegative().default(0.3).describe('Weight of the clustering loss.'),
});

export const dsmilSchema = z.strictObject({
  nonlinearQuery: z.boolean().default(false).describe('Two layers with ReLU and tanh make the query.'),
  nonlinearValue: z.boolean().default(false).describe('A layer with dropout and ReLU makes the value.'),
});

export const dtfdSchema = z.strictObject({
  groups: size.default(8).describe('Pseudo-bags of a bag; fewer where it has fewer instances.'),
  distill: z
    .enum(['maxmin', 'max', 'afs'])
    .default('maxmin')
    .describe(
      'What the second tier sees of a pseudo-bag: the instances with the highest and lowest activation (maxmin), with the highest (max, MaxS), or the pooled embedding (afs).',
    ),
  perGroup: size
    .nullable()
    .default(1)
    .describe('Instances of each kind per pseudo-bag; null takes all, as torchmil does.'),
});

export const transformerSchema = z.strictObject({
  width: size.default(512).describe('Width of all heads together; a multiple of heads.'),
  layers: size.default(2).describe('Layers; transmil has two at least, camil always one.'),
  heads: size.default(8).describe('Attention heads.'),
  mlp: z.boolean().default(true).describe('Whether an MLP follows each attention.'),
  addSelf: z
    .boolean()
    .default(true)
    .describe(
      'transformer_abmil, sm_transformer_abmil: the input is added after each layer; width must be that of the embedding where there are several.',
    ),
  dropout: rate.default(0).describe('Dropout in the layers.'),
  landmarks: size
    .nullable()
    .default(null)
    .describe('transmil, camil: landmarks of the Nyström attention; null is half the width.'),
  pinvIterations: size.default(6).describe('transmil, camil: iterations of the pseudo-inverse.'),
});

export const smSchema = z.strictObject({
  mode: z
    .enum(['approx', 'exact'])
    .default('approx')
    .describe('approx: some steps of diffusion. exact: the solution of the linear system.'),
  alpha: z
    .union([z.literal('trainable'), z.number().positive().lt(1)])
    .default('trainable')
    .describe('How much is smoothed, 0 … 1, or trainable.'),
  steps: size.default(10).describe('approx: steps of diffusion.'),
  where: z
    .enum(['early', 'mid', 'late', 'none'])
    .default('early')
    .describe('What the pooling smooths: embeddings, the inner layer, or scores.'),
});

export const gcnSchema = z.strictObject({
  layers: size.default(4).describe('Graph convolutions.'),
  width: size.nullable().default(null).describe('Width of each; null is that of the embedding.'),
  mlpDepth: z.int().nonnegative().default(1).describe('Linear layers between convolutions and pooling.'),
  dropout: rate.default(0).describe('Dropout after each layer.'),
});

export const sagpoolSchema = z.strictObject({
  layers: size
    .default(4)
    .describe('Graph convolutions; every second one is followed by pooling, but for the last.'),
  width: size.default(256).describe('Width of each.'),
  ratio: z.number().positive().max(1).default(0.8).describe('Share of the nodes that stays at each pooling.'),
  minScore: z
    .number()
    .positive()
    .lt(1)
    .nullable()
    .default(null)
    .describe('Nodes stay whose share of the attention is above this; null takes ratio.'),
  dropout: rate.default(0.5).describe('Dropout between the two last layers.'),
});

export const pandaSchema = z.strictObject({
  tiles: size.default(16).describe('Tiles of each slide; all are flattened into one row.'),
});
