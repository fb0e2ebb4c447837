/**
 * Adam (Kingma and Ba, ICLR 2015), weight decay added to the gradient: the update of torch.optim.Adam.
 */
import type { Optimizer } from '../optimizer.js';
import { type AdamSettings, biasCorrections } from './adam-settings.js';

export function adam(settings: AdamSettings): Optimizer {
  const { weightDecay, epsilon } = settings;
  const [beta1, beta2] = settings.betas;
  return {
    moments: ['exp_avg', 'exp_avg_sq'],
    update({ parameters, gradient, moments, step, rate }) {
      const { exp_avg: mean, exp_avg_sq: square } = moments;
      const { stepSize, squareScale } = biasCorrections(settings.betas, step, rate);
      const [fresh1, fresh2] = [1 - beta1, 1 - beta2];
      for (let i = 0; i < parameters.length; i++) {
        const g = gradient[i] + weightDecay * parameters[i];
        const m = mean[i] + fresh1 * (g - mean[i]);
        const v = beta2 * square[i] + fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        parameters[i] -= (stepSize * m) / (Math.sqrt(v) * squareScale + epsilon);
      }
    },
  };
}
