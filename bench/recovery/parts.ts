/**
 * The parts of the bench: a run of each job, disturbed again and again, and torchrun beside it.
 * In: how often. Out: figures, and the samples that they come from.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { torchrunRecovery } from '../torchrun-recovery.js';
import { type Figures, figure, lossFigures, median, medianPhases } from './figures.js';
import { Fleet, type LossSignal, type MeasuredLoss } from './fleet.js';
import { largeJob, mnistJob } from './jobs.js';
import { allowedPause, type Join, joinsOf } from './joins.js';
import { stepMilliseconds } from './recovery-of.js';

const WORKERS = 3;
const KILL_BARS = { median: 2, worst: 5 };
const STOP_BARS = { median: null, worst: 6 };
/** Events reach the store every three seconds. */
const EVENTS_STORED_MS = 5000;

export interface Part {
  readonly figures: Figures;
  readonly samples: Readonly<Record<string, unknown>>;
}

export type Progress = (line: string) => void;

export async function mnistPart(
  folder: string,
  counts: { readonly kills: number; readonly stops: number },
  progress: Progress,
): Promise<Part> {
  const fleet = Fleet.start(folder, mnistJob(folder, WORKERS));
  try {
    await fleet.trains(WORKERS);
    await fleet.steps(20);
    const kills = await loseAgainAndAgain(fleet, 'SIGKILL', counts.kills, progress);
    const stops = await loseAgainAndAgain(fleet, 'SIGSTOP', counts.stops, progress);
    return {
      figures: {
        ...lossesOf('mnistKill', kills, KILL_BARS),
        ...lossesOf('mnistStop', stops, STOP_BARS),
        ...stepsOf('mnist', fleet),
      },
      samples: { mnistKills: kills, mnistStops: stops },
    };
  } finally {
    await fleet.end();
  }
}

export async function largePart(
  folder: string,
  counts: { readonly kills: number; readonly joins: number; readonly batch: number },
  progress: Progress,
): Promise<Part> {
  const first = counts.joins > 0 ? WORKERS - 1 : WORKERS;
  const fleet = Fleet.start(folder, await largeJob(folder, first, counts.batch));
  try {
    await fleet.trains(first);
    const joins = await joinAgainAndAgain(fleet, counts.joins, progress);
    const kills = await loseAgainAndAgain(fleet, 'SIGKILL', counts.kills, progress);
    return {
      figures: {
        ...lossesOf('largeKill', kills, KILL_BARS),
        ...joinFigures(joins),
        ...stepsOf('large', fleet),
      },
      samples: { largeKills: kills, largeJoins: joins },
    };
  } finally {
    await fleet.end();
  }
}

/** PyTorch's elastic launcher, on the same machine; ours loses no step, so a new step is what counts. */
export async function torchPart(kills: number, ours: number | undefined, progress: Progress): Promise<Part> {
  const torch = await torchrunRecovery({ model: 'mnist', kills, progress });
  const toNewStep = median(torch.secondsToNewStep);
  return {
    figures: {
      torchMnistKillMedianSeconds: figure(toNewStep),
      ...(ours === undefined ? {} : { torchOverOurs: figure(toNewStep / ours) }),
    },
    samples: { torch },
  };
}

/**
 * Each of the three in turn, at a random moment; between two losses the fleet is at three again. Who comes back gets
 * the last rank, so the next in turn is rank 0, which has most to hand over: it writes rows and checkpoints.
 */
async function loseAgainAndAgain(
  fleet: Fleet,
  signal: LossSignal,
  times: number,
  progress: Progress,
): Promise<MeasuredLoss[]> {
  const losses: MeasuredLoss[] = [];
  while (losses.length < times) {
    await fleet.steps(2);
    await sleep(Math.random() * 1000);
    const loss = await fleet.lose(`w${losses.length % WORKERS}`, signal);
    losses.push(loss);
    const { worker, seconds, cpuSeconds, stepsLost, phases, validated } = loss;
    progress(
      `${signal} ${losses.length} of ${times}, ${worker}: a step after ${seconds.toFixed(2)} s, ${cpuSeconds.toFixed(2)} s of CPU, ${stepsLost} steps lost${validated ? ', a validation before it' : ''} (${told(phases)})`,
    );
    await fleet.trains(WORKERS, fleet.generation);
  }
  return losses;
}

async function joinAgainAndAgain(fleet: Fleet, times: number, progress: Progress): Promise<Join[]> {
  for (let time = 1; time <= times; time++) {
    if (time > 1) await fleet.scale(WORKERS - 1);
    await fleet.steps(2);
    await fleet.scale(WORKERS);
    progress(`scaled from ${WORKERS - 1} to ${WORKERS}: ${time} of ${times}`);
  }
  await sleep(times > 0 ? EVENTS_STORED_MS : 0);
  const joins = joinsOf(fleet.events());
  for (const { worker, pauseSeconds, pulledBytes, pullSeconds } of joins)
    progress(
      `${worker} joined: the others paused ${pauseSeconds.toFixed(2)} s, it pulled ${(pulledBytes / 1e6).toFixed(0)} MB in ${pullSeconds.toFixed(2)} s`,
    );
  return joins;
}

function lossesOf(
  name: string,
  losses: readonly MeasuredLoss[],
  bars: Parameters<typeof lossFigures>[2],
): Figures {
  if (losses.length === 0) return {};
  const seconds = losses.map((loss) => loss.seconds);
  const phases = medianPhases(losses.map((loss) => loss.phases));
  return {
    ...lossFigures(name, seconds, bars),
    [`${name}StepsLost`]: figure(Math.max(...losses.map(({ stepsLost }) => stepsLost)), 0),
    [`${name}MedianCpuSeconds`]: figure(median(losses.map(({ cpuSeconds }) => cpuSeconds))),
    ...Object.fromEntries(
      Object.entries(phases).map(([phase, value]) => [`${name}Phase.${phase}`, figure(value)]),
    ),
  };
}

/** The join that comes closest to what it may cost, or exceeds it most. */
function joinFigures(joins: readonly Join[]): Figures {
  if (joins.length === 0) return {};
  const excess = (join: Join) => join.pauseSeconds - allowedPause(join);
  const worst = joins.reduce((most, join) => (excess(join) > excess(most) ? join : most));
  return {
    largeJoinPauseSeconds: figure(worst.pauseSeconds, Math.round(allowedPause(worst) * 1000) / 1000),
    largeJoinPauseMedianSeconds: figure(median(joins.map(({ pauseSeconds }) => pauseSeconds))),
    largeJoinPullMedianSeconds: figure(median(joins.map(({ pullSeconds }) => pullSeconds))),
    largeStateBytes: figure(worst.pulledBytes),
  };
}

function stepsOf(name: string, fleet: Fleet): Figures {
  const entries = [2, 3].flatMap((workers) => {
    const milliseconds = stepMilliseconds(fleet.marks.all, workers);
    return milliseconds.length === 0
      ? []
      : [[`${name}StepOf${workers}Seconds`, figure(median(milliseconds) / 1000)]];
  });
  return Object.fromEntries(entries);
}

function told(phases: Readonly<Record<string, number>>): string {
  return Object.entries(phases)
    .map(([phase, seconds]) => `${phase} ${seconds.toFixed(2)}`)
    .join(', ');
}
