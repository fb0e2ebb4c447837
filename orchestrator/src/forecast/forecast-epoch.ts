/**
 * How long an epoch takes on a fleet that is not there yet: the same step plans as in training, and what they cost.
 * In: the job's bags, costs, link, a number of workers. Out: times, imbalance, bytes. Pure.
 */
import {
  type BagEntry,
  type Balance,
  type CostModel,
  costOf,
  type EpochOrder,
  type StepPlan,
} from '@bagfleet/proto';
import type { InstanceDraw } from '@bagfleet/proto/instances-seen';
import { assignmentOf, planEpoch, planPass } from '@bagfleet/worker/train/epoch-plan';
import { slowdown } from './crowding.js';
import type { FleetCosts, FleetLink } from './fleet-costs.js';

export interface ForecastInput {
  readonly seed: number;
  readonly batch: number;
  readonly balance: Balance;
  readonly order: EpochOrder;
  /** Which instances a step sees. */
  readonly draw: InstanceDraw;
  readonly bags: readonly BagEntry[];
  /** Indices into `bags`. */
  readonly training: readonly number[];
  readonly validating: readonly number[];
  readonly costs: FleetCosts;
  readonly link: FleetLink;
  readonly threadsPerWorker: number;
  /** Cores that all workers share (one machine); null where each worker has its own. */
  readonly sharedCores: number | null;
}

export interface Forecast {
  readonly workers: number;
  /** An epoch whose bags are in memory, validation included. */
  readonly epochSeconds: number;
  /** (largest − mean) / mean load of the workers, mean over the steps. */
  readonly imbalance: number;
  /** Share of the epoch's time. */
  readonly allReduceShare: number;
  /** Share of the computing time that the largest bag of each step takes alone: 1 means that it is the limit. */
  readonly largestBagShare: number;
  /** All workers together, in the first epoch and in the second, if memory keeps what came. */
  readonly firstBytes: number;
  readonly laterBytes: number;
  /** The most that one worker keeps of an epoch. */
  readonly cacheBytes: number;
  /** Seconds that the bytes of the first epoch take on the wire. */
  readonly wireSeconds: number;
}

export function forecastEpoch(input: ForecastInput, workers: number): Forecast {
  const first = plansOf(input, 1, workers, new Map());
  const second = plansOf(input, 2, workers, assignmentOf(first));
  const steps = second.slice(0, -1).map((plan) => stepTime(input, plan));
  const pass = second.at(-1) as StepPlan;
  const pace = paceOf(input, workers);
  const passMs = computeTime(
    input,
    loadsOf(pass, (count) => pace * bagMs(input, count) * input.costs.predictShare),
  );
  const stepMs = sum(steps.map((step) => step.computeMs + step.updateMs + step.allReduceMs));
  const computeMs = sum(steps.map((step) => step.computeMs));
  const firstBytes = sum([...input.training, ...input.validating].map((bag) => input.bags[bag].bytes));
  const cacheBytes = Math.max(...bytesOf(input, first));
  return {
    workers,
    epochSeconds: (stepMs + passMs) / 1000,
    imbalance: sum(steps.map(({ imbalance }) => imbalance)) / steps.length,
    allReduceShare: sum(steps.map(({ allReduceMs }) => allReduceMs)) / (stepMs + passMs),
    largestBagShare: sum(steps.map(({ largestMs }) => largestMs)) / computeMs,
    firstBytes,
    laterBytes: refetched(input, first, second),
    cacheBytes,
    wireSeconds: (cacheBytes * 8) / (input.link.gbits * 1e9),
  };
}

/** The steps of an epoch, and its validation as the last plan. */
function plansOf(
  { seed, batch, balance, order, draw, bags, training, validating, costs }: ForecastInput,
  epoch: number,
  workers: number,
  previous: ReadonlyMap<number, number>,
): StepPlan[] {
  const all = { epoch, bags, workers, previous, costs: slotCosts(costs) };
  return [
    ...planEpoch({ ...all, seed, batch, balance, order, draw, training }),
    planPass({ ...all, indices: validating }),
  ];
}

function stepTime(input: ForecastInput, plan: StepPlan) {
  const { costs, link, threadsPerWorker, sharedCores } = input;
  const pace = paceOf(input, plan.workers);
  const loads = loadsOf(plan, (count) => pace * bagMs(input, count));
  const mean = sum(loads) / loads.length;
  const crowd = sharedCores === null ? 1 : Math.max(1, (plan.workers * threadsPerWorker) / sharedCores);
  return {
    computeMs: computeTime(input, loads),
    updateMs: costs.updateMs * crowd,
    allReduceMs: allReduceTime(costs, link, plan.workers),
    largestMs: Math.max(0, ...plan.slots.map(({ instances }) => pace * bagMs(input, instances))),
    imbalance: mean === 0 ? 0 : Math.max(...loads) / mean - 1,
  };
}

/** Times of a fleet against those that were taken: more, where more workers share a machine. */
function paceOf({ costs, threadsPerWorker, sharedCores }: ForecastInput, workers: number): number {
  if (sharedCores === null) return 1;
  const places = Math.floor(sharedCores / threadsPerWorker);
  return slowdown(costs.crowding, workers, places) / slowdown(costs.crowding, costs.beside, places);
}

/** As long as the busiest worker, and no shorter than all threads need on the cores that they share. */
function computeTime({ sharedCores, threadsPerWorker }: ForecastInput, loads: readonly number[]): number {
  const together = sharedCores === null ? 0 : (sum(loads) * threadsPerWorker) / sharedCores;
  return Math.max(...loads, together);
}

/** Each worker sends and receives its shares once for the sum and once for the result; and two words to all. */
function allReduceTime({ parameters }: FleetCosts, { gbits, latencyMs }: FleetLink, workers: number): number {
  if (workers === 1) return 0;
  const bytes = (2 * (workers - 1) * parameters * 4) / workers;
  return 2 * latencyMs + (bytes * 8) / (gbits * 1e6);
}

function bagMs({ costs }: ForecastInput, instances: number): number {
  return costOf(slotCosts(costs), instances);
}

function slotCosts({ bag, slotMs }: FleetCosts): CostModel {
  return { fixed: bag.fixed + slotMs, perInstance: bag.perInstance };
}

function loadsOf(plan: StepPlan, costOfBag: (instances: number) => number): number[] {
  const loads = new Array<number>(plan.workers).fill(0);
  for (const slot of plan.slots) loads[plan.owners[slot.index]] += costOfBag(slot.instances);
  return loads;
}

/** Per worker, of what it computes in an epoch. */
function bytesOf({ bags }: ForecastInput, plans: readonly StepPlan[]): number[] {
  const bytes = new Array<number>(plans[0].workers).fill(0);
  for (const [bag, worker] of assignmentOf(plans)) bytes[worker] += bags[bag].bytes;
  return bytes;
}

function refetched({ bags }: ForecastInput, first: readonly StepPlan[], second: readonly StepPlan[]): number {
  const before = assignmentOf(first);
  return sum(
    [...assignmentOf(second)].map(([bag, worker]) => (before.get(bag) === worker ? 0 : bags[bag].bytes)),
  );
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
