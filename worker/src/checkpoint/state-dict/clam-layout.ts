/**
 * CLAM's own names (Lu et al. 2021, models/model_clam.py) for `clam_sb` and `clam_mb`, there and back.
 * In: a state dict. Out: the same weights under the other names.
 *
 * `attention_net` is a Sequential whose attention comes third, or fourth behind a dropout, as in CLAM's present form; both
 * are read, the present one is written. Its last attention layer has a bias, which the softmax over instances does not
 * see: zeros are written, and what is read is dropped. Two classes are two logits there and one here: their
 * difference is read; a first logit of 0 is written.
 */
import { BagfleetError } from '@bagfleet/proto/errors';
import type { StateDict, Weights } from './state-dict.js';

/** Our name and theirs, `{net}` standing for the attention's place. */
const SHARED: readonly (readonly [string, string])[] = [
  ['feat_ext.0', 'attention_net.0'],
  ['pool.fc1.module', '{net}.attention_a.0'],
  ['pool.fc_gated.module', '{net}.attention_b.0'],
];
const UNGATED = ['pool.fc1.module', '{net}.module.0'] as const;
const [GATED_SCORE, UNGATED_SCORE] = ['{net}.attention_c', '{net}.module.2'];
const SCORE = 'pool.fc2';
const WRITTEN_NET = 'attention_net.3';
const INSTANCES = /^inst_classifiers\.(\d+)\.module\.(weight|bias)$/;
const THEIR_INSTANCES = /^instance_classifiers\.(\d+)\.(weight|bias)$/;
const BRANCH = /^classifiers\.\d+\.(weight|bias)$/;

export function toClam(ours: StateDict): StateDict {
  const theirs = new Map<string, Weights>();
  const gated = ours.has('pool.fc_gated.module.weight');
  for (const [name, weights] of ours) {
    const instance = INSTANCES.exec(name);
    if (instance) theirs.set(`instance_classifiers.${instance[1]}.${instance[2]}`, weights);
    else if (BRANCH.test(name)) theirs.set(name, weights);
    else if (name.startsWith('classifier.module.'))
      theirs.set(`classifiers.${kindOf(name)}`, withFirstLogit(weights));
    else if (name === `${SCORE}.weight`) {
      const score = (gated ? GATED_SCORE : UNGATED_SCORE).replace('{net}', WRITTEN_NET);
      theirs.set(`${score}.weight`, weights);
      theirs.set(`${score}.bias`, zeros([weights.shape[0]]));
    } else theirs.set(theirName(name, gated), weights);
  }
  return theirs;
}

export function fromClam(theirs: StateDict): StateDict {
  const net = netOf(theirs);
  const names = new Map(
    [...SHARED, UNGATED].map(([ours, there]) => [there.replace('{net}', net), ours] as const),
  );
  const scores = [GATED_SCORE, UNGATED_SCORE].map((score) => score.replace('{net}', net));
  const ours = new Map<string, Weights>();
  for (const [name, weights] of theirs) {
    const layer = name.slice(0, name.lastIndexOf('.'));
    const instance = THEIR_INSTANCES.exec(name);
    if (instance) ours.set(`inst_classifiers.${instance[1]}.module.${instance[2]}`, weights);
    else if (BRANCH.test(name)) ours.set(name, weights);
    else if (layer === 'classifiers') ours.set(`classifier.module.${kindOf(name)}`, difference(weights));
    else if (scores.includes(layer)) {
      if (kindOf(name) === 'weight') ours.set(`${SCORE}.weight`, weights);
    } else ours.set(`${names.get(layer) ?? layer}.${kindOf(name)}`, weights);
  }
  return ours;
}

/** Where the attention stands in the Sequential. */
function netOf(theirs: StateDict): string {
  for (const place of [3, 2])
    if ([...theirs.keys()].some((name) => name.startsWith(`attention_net.${place}.`)))
      return `attention_net.${place}`;
  throw new BagfleetError('state-mismatch', 'it has no attention_net.2 or attention_net.3', {
    culprit: '--layout clam',
    hint: "Leave out --layout if the file has torchmil's names.",
  });
}

function theirName(name: string, gated: boolean): string {
  const layer = name.slice(0, name.lastIndexOf('.'));
  const pair = [...(gated ? [] : [UNGATED]), ...SHARED].find(([ours]) => ours === layer);
  return pair ? `${pair[1].replace('{net}', WRITTEN_NET)}.${kindOf(name)}` : name;
}

function kindOf(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

function zeros(shape: readonly number[]): Weights {
  return { shape, data: new Float32Array(shape.reduce((product, size) => product * size, 1)) };
}

/** One logit's [1, width] or [1] becomes two; several stay. */
function withFirstLogit({ shape, data }: Weights): Weights {
  if (shape[0] !== 1) return { shape, data };
  const both = new Float32Array(2 * data.length);
  both.set(data, data.length);
  return { shape: [2, ...shape.slice(1)], data: both };
}

/** Two logits' [2, width] or [2] become the second one less the first; several stay. */
function difference({ shape, data }: Weights): Weights {
  if (shape[0] !== 2) return { shape, data };
  const half = data.length / 2;
  return { shape: [1, ...shape.slice(1)], data: data.slice(half).map((value, i) => value - data[i]) };
}
