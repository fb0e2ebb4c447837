/**
 * The job file's section `model`: what is trained. Fields of a group count for the models that its description names.
 */
import { z } from 'zod';
import {
  clamSchema,
  dsmilSchema,
  dtfdSchema,
  gcnSchema,
  pandaSchema,
  pooledSchema,
  sagpoolSchema,
  smSchema,
  transformerSchema,
} from './model-parts-spec.js';

export const MODEL_NAMES = [
  'abmil',
  'mean_pool',
  'max_pool',
  'pooled_attention',
  'additive',
  'clam_sb',
  'clam_mb',
  'dsmil',
  'dtfd',
  'transmil',
  'transformer_abmil',
  'camil',
  'sm_abmil',
  'sm_transformer_abmil',
  'smooth_abmil',
  'patch_gcn',
  'sagpool',
  'lenet_abmil',
  'panda',
  'panda_flat',
] as const;
export const ATTENTION_ACTIVATIONS = ['tanh', 'relu', 'gelu'] as const;

export const modelSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .default('abmil')
    .describe(`One of: ${MODEL_NAMES.join(', ')}.`),
  hidden: z
    .int()
    .positive()
    .nullable()
    .default(512)
    .describe('Width of the instance embedding; null takes feature vectors as they are.'),
  attention: z.int().positive().default(128).describe('Width of the attention layer.'),
  gated: z
    .boolean()
    .default(true)
    .describe(
      'abmil, clam, camil, transformer_abmil, lenet_abmil: gated attention (Ilse et al. 2018, eq. 9) or one branch alone (eq. 8).',
    ),
  activation: z
    .enum(ATTENTION_ACTIVATIONS)
    .default('tanh')
    .describe('Activation of the attention layer, of models with such an attention on feature vectors.'),
  dropout: z.number().min(0).max(0.95).default(0).describe('Dropout on the instance embedding, 0 … 0.95.'),
  level: z
    .enum(['embedding', 'instance'])
    .default('embedding')
    .describe('mean_pool, max_pool: what is pooled, embeddings or the logits of each instance.'),
  pooled: pooledSchema.prefault({}).describe('pooled_attention, additive: hidden layers.'),
  clam: clamSchema.prefault({}).describe('clam_sb, clam_mb: clustering of instances.'),
  dsmil: dsmilSchema.prefault({}).describe('dsmil: layers of query and value.'),
  dtfd: dtfdSchema.prefault({}).describe('dtfd: pseudo-bags, and what is distilled of them.'),
  transformer: transformerSchema
    .prefault({})
    .describe('transmil, camil, transformer_abmil, sm_transformer_abmil: the transformer layers.'),
  sm: smSchema.prefault({}).describe('sm_abmil, sm_transformer_abmil: the Sm operator.'),
  gcn: gcnSchema.prefault({}).describe('patch_gcn: graph convolutions.'),
  sagpool: sagpoolSchema.prefault({}).describe('sagpool: graph convolutions and pooling.'),
  panda: pandaSchema.prefault({}).describe('panda_flat: tiles of a slide.'),
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
