/** `bagfleet chaos`: orders faults for a run that allows them, to see that its result does not change. */
import { BagfleetError, type ChaosOrder } from '@bagfleet/proto';
import type { CommandModule } from 'yargs';
import { type ChaosFault, type ChaosPlan, orderFaults } from '../registry/chaos-run.js';
import { findRun } from '../registry/find-run.js';
import { jobOfRun } from '../registry/job-of-run.js';
import { isOver, type RunRecord } from '../registry/read-run.js';
import { interruptible } from './interruptible.js';
import { parseDuration } from './options/duration-word.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type RunArgument, withRun } from './options/run-argument.js';
import { withRunStore } from './run-store.js';
import { outputClosed, print, remark } from './terminal.js';
import { countWords } from './words.js';

interface ChaosFlags extends RunArgument, JsonFlag {
  readonly kill: readonly string[];
  readonly pause: readonly string[];
  readonly drop: readonly string[];
  readonly delay: readonly string[];
  readonly 'kill-during': readonly string[];
  readonly every: string;
  readonly for?: string | undefined;
  readonly seed: number;
  readonly worker?: string | undefined;
}

/** A kind of fault; `choices` are what it can be done to. */
function faultFlag<Choice extends string>(describe: string, choices: readonly Choice[]) {
  return {
    type: 'string' as const,
    array: true as const,
    nargs: 1,
    choices,
    default: [] as Choice[],
    defaultDescription: 'none',
    describe,
  };
}

export const chaos: CommandModule<unknown, ChaosFlags> = {
  command: 'chaos <run>',
  describe: 'Hit a run with faults on purpose',
  builder: (parser) =>
    withJson(withRun(parser))
      .option('kill', faultFlag('Kill one of these (repeatable)', ['worker', 'coordinator']))
      .option('pause', faultFlag('Stop its process without a word', ['worker']))
      .option('drop', faultFlag('Break a connection between two workers', ['link']))
      .option('delay', faultFlag('Slow a connection between two workers', ['link']))
      .option('kill-during', faultFlag('Kill whoever writes the next one', ['checkpoint']))
      .option('every', {
        type: 'string',
        requiresArg: true,
        default: '15s',
        describe: 'Time from one fault to the next: 500ms, 15s, 2m',
      })
      .option('for', {
        type: 'string',
        requiresArg: true,
        describe: 'End after this time; else when the run is over',
      })
      .option('seed', { type: 'number', requiresArg: true, default: 1, describe: 'Decides what is drawn' })
      .option('worker', {
        type: 'string',
        requiresArg: true,
        defaultDescription: 'drawn',
        describe: 'Hit this worker',
      })
      .example('$0 chaos latest --kill worker', 'One dies every 15 s')
      .example('$0 chaos mnist-2 --kill worker --drop link --every 5s --for 2m', '')
      .epilogue('Only for a run whose job says allowChaos: true. With --json each line is one order.'),
  handler: (flags) =>
    withRunStore(flags, async (store) => {
      const plan = planOf(flags);
      const record = await findRun(store, flags.run, new Date());
      if (!(await jobOfRun(store, record.run)).allowChaos) throw notAllowed(record.run);
      if (isOver(record.state)) throw overAlready(record);
      const told = {
        ordered: (order: ChaosOrder) => print(flags.json ? JSON.stringify(order) : orderLine(order)),
        heldBack: remark,
      };
      const end = await interruptible((signal) =>
        orderFaults(store, record.run, plan, told, AbortSignal.any([signal, outputClosed])).catch(
          unlessClosed,
        ),
      );
      if (end && !flags.json)
        remark(`${countWords(end.count, 'fault')} ordered; ${record.run} is ${end.record?.state ?? 'gone'}.`);
    }),
};

function planOf(flags: ChaosFlags): ChaosPlan {
  const faults = [
    ...flags.kill.map((what) => `kill-${what}`),
    ...flags.pause.map((what) => `pause-${what}`),
    ...flags.drop.map((what) => `drop-${what}`),
    ...flags.delay.map((what) => `delay-${what}`),
    ...flags['kill-during'].map((what) => `kill-during-${what}`),
  ] as ChaosFault[];
  if (faults.length === 0)
    throw new BagfleetError('usage', 'no fault was given', {
      hint: 'Give one or more of --kill, --pause, --drop, --delay and --kill-during.',
    });
  if (!Number.isInteger(flags.seed))
    throw new BagfleetError('usage', `must be a whole number, but ${flags.seed} was given`, {
      culprit: '--seed',
    });
  return {
    faults: [...new Set(faults)],
    worker: flags.worker ?? null,
    everyMs: parseDuration(flags.every, '--every'),
    forMs: flags.for === undefined ? null : parseDuration(flags.for, '--for'),
    seed: flags.seed,
  };
}

function orderLine({ what, worker, requestedAt }: ChaosOrder): string {
  const whom: Readonly<Record<ChaosFault, string>> = {
    'kill-worker': `kill ${worker ?? 'a worker'}`,
    'pause-worker': `pause ${worker ?? 'a worker'}`,
    'drop-link': `break a link${worker ? ` of ${worker}` : ''}`,
    'delay-link': `slow a link${worker ? ` of ${worker}` : ''}`,
    'kill-coordinator': 'kill the coordinator',
    'kill-during-checkpoint': 'kill whoever writes the next checkpoint',
  };
  return `${requestedAt}  ${whom[what]}`;
}

function notAllowed(run: string): BagfleetError {
  return new BagfleetError('usage', 'does not allow faults on purpose: its job field allowChaos is false', {
    culprit: `run ${run}`,
    hint: 'Submit a job with allowChaos: true, or with --set allowChaos=true.',
  });
}

function overAlready({ run, state }: RunRecord): BagfleetError {
  return new BagfleetError('usage', `is over (${state}): there is nothing left to hit`, {
    culprit: `run ${run}`,
    hint: '`bagfleet list` shows which runs go on.',
  });
}

function unlessClosed(thrown: unknown): null {
  if (!outputClosed.aborted) throw thrown;
  return null;
}
