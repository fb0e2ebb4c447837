/**
 * One line that says how far a run is.
 * In: its status, the width of the terminal. Out: a line no wider than that, without control characters:
 * `epoch 3/30 ▕████░░▏ 12/63  loss 0.4123  41.2 bags/s  412 patches/s  ETA 0:42`.
 */
import { FINAL_STATES, type RunStatus } from '@bagfleet/proto';
import { formatDuration } from './duration.js';
import { spoken } from './metric-words.js';
import { formatPerSecond } from './per-second.js';

const BAR = { least: 6, most: 30 };

/** Too narrow a terminal loses patches/s first, then bags/s, the bar, ETA and loss. */
export function progressLine(status: RunStatus, width: number): string {
  if (status.state !== 'running' || status.epoch === 0) return cut(stateLine(status), width);
  const [head, count] = [`epoch ${status.epoch}/${status.epochs}`, `${status.step}/${status.steps}`];
  const { loss, bags, instances, eta } = fieldsOf(status);
  for (const fields of [
    [loss, bags, instances, eta],
    [loss, bags, eta],
    [loss, eta],
  ]) {
    const tail = [count, ...fields.filter((field) => field !== '')].join('  ');
    const room = width - head.length - tail.length - 4; // two blanks, two ends of the bar
    if (room >= BAR.least)
      return `${head} ${bar(status.step / status.steps, Math.min(room, BAR.most))} ${tail}`;
  }
  const barless = [[loss, eta], [loss], []].map((fields) =>
    [`${head} ${count}`, ...fields.filter((field) => field !== '')].join('  '),
  );
  return barless.find((line) => line.length <= width) ?? cut(barless[2], width);
}

/** The same for logs and pipes: no bar, nothing left out. */
export function progressText(status: RunStatus): string {
  if (status.state !== 'running' || status.epoch === 0) return stateLine(status);
  const { loss, bags, instances, eta } = fieldsOf(status);
  const head = `epoch ${status.epoch}/${status.epochs} step ${status.step}/${status.steps}`;
  return [head, loss, bags, instances, eta].filter((field) => field !== '').join('  ');
}

/** Empty for what is not known yet. */
function fieldsOf({ loss, bagsPerSecond, instancesPerSecond, etaSeconds }: RunStatus) {
  return {
    loss: loss === null ? '' : `loss ${loss.toFixed(4)}`,
    bags: bagsPerSecond === null ? '' : `${formatPerSecond(bagsPerSecond)} bags/s`,
    instances: instancesPerSecond === null ? '' : `${formatPerSecond(instancesPerSecond)} patches/s`,
    eta: etaSeconds === null ? '' : `ETA ${formatDuration(etaSeconds)}`,
  };
}

function bar(share: number, length: number): string {
  const full = Math.min(length, Math.max(0, Math.floor(share * length || 0)));
  return `▕${'█'.repeat(full)}${'░'.repeat(length - full)}▏`;
}

/** Before the first epoch: what it waits for. After the end: what came of it. */
function stateLine(status: RunStatus): string {
  const { state, phase, error, metric, startedAt, endedAt } = status;
  if (!FINAL_STATES.includes(state)) return phase.startsWith(state) ? phase : `${state}: ${phase}`;
  if (error) return `${state}: ${error.culprit ? `${error.culprit}: ` : ''}${error.message}`;
  const seconds = endedAt === null ? null : (Date.parse(endedAt) - Date.parse(startedAt)) / 1000;
  const after = `${status.epoch} of ${status.epochs} epochs${seconds === null ? '' : ` in ${formatDuration(seconds)}`}`;
  const best =
    metric.best === null
      ? ''
      : `, best ${spoken(metric.name)} ${metric.best.toFixed(4)} in epoch ${metric.epoch}`;
  return `${state}: ${after}${best}`;
}

function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}
