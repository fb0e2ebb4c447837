/**
 * AdamW (Loshchilov and Hutter, ICLR 2019), weight decay apart from the gradient: the update of torch.optim.AdamW.
 */
import type { Optimizer } from '../optimizer.js';
import { type AdamSettings, biasCorrections } from './adam-settings.js';

export function adamw(settings: AdamSettings): Optimizer {
  const { weightDecay, epsilon } = settings;
  const [beta1, beta2] = settings.betas;
  return {
    moments: ['exp_avg', 'exp_avg_sq'],
    update({ parameters, gradient, moments, step, rate }) {
      const { exp_avg: mean, exp_avg_sq: square } = moments;
      const { stepSize, squareScale } = biasCorrections(settings.betas, step, rate);
      const [fresh1, fresh2] = [1 - beta1, 1 - beta2];
      const shrink = 1 - rate * weightDecay;
      for (let i = 0; i < parameters.length; i++) {
        const g = gradient[i];
        const m = mean[i] + fresh1 * (g - mean[i]);
        const v = beta2 * square[i] + fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        parameters[i] = parameters[i] * shrink - (stepSize * m) / (Math.sqrt(v) * squareScale + epsilon);
      }
    },
  };
}
