/**
 * The job file's section `train`: how the model is trained.
 */
import { z } from 'zod';
import { EPOCH_ORDERS } from './epoch-order.js';
import { parameterGroupSchema } from './parameter-group-spec.js';

export const OPTIMIZER_NAMES = ['adam', 'adamw', 'radam', 'sgd'] as const;
export const SCHEDULE_NAMES = ['constant', 'cosine', 'onecycle', 'step'] as const;

const positive = z.number().positive();
const fraction = z.number().min(0).max(1);

export const trainSchema = z.strictObject({
  epochs: z.int().positive().default(30).describe('Passes over the training bags.'),
  batch: z
    .int()
    .positive()
    .max(4096)
    .default(8)
    .describe('Bags per step over the whole fleet: more workers change neither batch nor result.'),
  order: z
    .enum(EPOCH_ORDERS)
    .default('once')
    .describe(
      "once: each training bag once per epoch. balanced: as many draws, with replacement, all classes alike (CLAM's weighted sampling): a bag may count several times in an epoch, or not at all.",
    ),
  posWeight: positive.default(1).describe('Weight of positive bags in binary cross-entropy.'),
  optimizer: z
    .strictObject({
      name: z.enum(OPTIMIZER_NAMES).default('adamw').describe('The rule of the update.'),
      rate: positive.default(5e-4).describe('Learning rate.'),
      betas: z
        .tuple([fraction, fraction])
        .default([0.9, 0.999])
        .describe('adam, adamw and radam: decay of the mean and of the mean square of the gradient.'),
      epsilon: positive
        .default(1e-8)
        .describe('adam, adamw and radam: added to the root of the mean square.'),
      weightDecay: z
        .number()
        .nonnegative()
        .default(1e-4)
        .describe('adam, radam and sgd: added to the gradient (L2); adamw: decoupled.'),
      momentum: fraction.default(0.9).describe('sgd: share of the previous update that is kept.'),
      nesterov: z
        .boolean()
        .default(false)
        .describe("sgd: Nesterov's momentum, which looks one step ahead; nothing without momentum."),
    })
    .prefault({})
    .describe('How the averaged gradient changes the parameters.'),
  parameterGroups: z
    .array(parameterGroupSchema)
    .default([])
    .describe(
      'Parameters that are trained in another way than the rest, the first match counts: match is a name, the parts that names begin with, or a pattern with * and ?; rateFactor multiplies the learning rate; weightDecay replaces the one of train.optimizer (null does not); frozen parameters keep their bits and do not count for clipping. `[{ match: feat_ext, frozen: true }, { match: "*.bias", weightDecay: 0 }]`.',
    ),
  schedule: z
    .strictObject({
      name: z
        .enum(SCHEDULE_NAMES)
        .default('constant')
        .describe('How the learning rate changes over the run.'),
      warmupSteps: z
        .int()
        .nonnegative()
        .default(0)
        .describe('Steps in which the rate rises from 0 to its value; not for onecycle, which has pctStart.'),
      stepEpochs: z.int().positive().default(10).describe('step: epochs between two drops.'),
      gamma: positive.max(1).default(0.1).describe('step: factor of each drop.'),
      minRate: z.number().nonnegative().default(0).describe('cosine: rate at the end.'),
      pctStart: fraction
        .default(0.3)
        .describe(
          'onecycle: share of the run in which the rate rises to train.optimizer.rate; then it falls.',
        ),
      divFactor: positive
        .default(25)
        .describe('onecycle: the first rate is train.optimizer.rate / divFactor.'),
      finalDivFactor: positive
        .default(1e4)
        .describe('onecycle: the last rate is the first rate / finalDivFactor.'),
    })
    .prefault({})
    .describe('The learning rate over time.'),
  ema: z
    .strictObject({
      decay: z
        .number()
        .min(0)
        .lt(1)
        .default(0.999)
        .describe('Share of the average that is kept in each update; the rest comes from the new weights.'),
    })
    .nullable()
    .default(null)
    .describe(
      'Keep an exponential moving average of the weights, moved after each update; validation, checkpoints (model.safetensors) and prediction use it instead of the last weights. null does not.',
    ),
  clipNorm: positive.nullable().default(null).describe('Clip the global gradient norm; null does not clip.'),
  poisonedBags: z
    .enum(['fail', 'skip'])
    .default('fail')
    .describe(
      'A bag whose loss or gradient is not finite, on two workers: fail ends the run and names it; skip leaves it out for the rest of the run and records it.',
    ),
  sum: z
    .enum(['exact', 'float32'])
    .default('exact')
    .describe('exact: the same bits on any fleet. float32: plain sums in worker order, for comparison only.'),
});

export type TrainConfig = z.infer<typeof trainSchema>;
