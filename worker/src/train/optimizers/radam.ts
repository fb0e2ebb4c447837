/**
 * RAdam (Liu et al., ICLR 2020), weight decay added to the gradient: the update of torch.optim.RAdam.
 * Adam whose steps are scaled by how far the mean square can be trusted, and plain momentum while it can't.
 */
import type { Optimizer } from '../optimizer.js';
import type { AdamSettings } from './adam-settings.js';

/** From this length of the average on, the variance of the mean square is known well enough to divide by it. */
const TRUSTED_LENGTH = 5;

export function radam(settings: AdamSettings): Optimizer {
  const { weightDecay, epsilon } = settings;
  const [beta1, beta2] = settings.betas;
  return {
    moments: ['exp_avg', 'exp_avg_sq'],
    update({ parameters, gradient, moments, step, rate }) {
      const { exp_avg: mean, exp_avg_sq: square } = moments;
      const stepSize = rate / (1 - beta1 ** step);
      const trust = rectification(beta2, step);
      const scale = trust * Math.sqrt(1 - beta2 ** step);
      const [fresh1, fresh2] = [1 - beta1, 1 - beta2];
      for (let i = 0; i < parameters.length; i++) {
        const g = gradient[i] + weightDecay * parameters[i];
        const m = mean[i] + fresh1 * (g - mean[i]);
        const v = beta2 * square[i] + fresh2 * g * g;
        mean[i] = m;
        square[i] = v;
        // Epsilon is added before the correction, as PyTorch does here (and only here).
        parameters[i] -= stepSize * m * (trust === 0 ? 1 : scale / (Math.sqrt(v) + epsilon));
      }
    },
  };
}

/** The paper's r of a step, from 0 to 1: 0 where the average is too short for the mean square to be used. */
function rectification(beta2: number, step: number): number {
  const longest = 2 / (1 - beta2) - 1;
  const length = longest - (2 * step * beta2 ** step) / (1 - beta2 ** step);
  if (!(length > TRUSTED_LENGTH)) return 0;
  return Math.sqrt(((length - 4) * (length - 2) * longest) / ((longest - 4) * (longest - 2) * length));
}
