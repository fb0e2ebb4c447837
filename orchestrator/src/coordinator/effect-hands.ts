/**
 * Does what the core decides: one effect is one message, one process or one line of the journal.
 * In: effects, each with the event that it answers. Out: the sessions' answers, processes, the verdict.
 */
import type { JobSpec } from '@bagfleet/proto';
import {
  KeepSchema,
  type Member,
  MemberSchema,
  StartSchema,
  StopSchema,
  WelcomeSchema,
} from '@bagfleet/proto/gen/bagfleet/v1/coordinator_pb';
import { create } from '@bufbuild/protobuf';
import type { CoreEffect, CoreEvent, Verdict } from './core/core-types.js';
import type { RunJournal } from './run-journal.js';
import type { SessionServer } from './session-server.js';
import type { WorkerDesk } from './worker-desk.js';

export interface HandsParts {
  readonly job: JobSpec;
  readonly runId: string;
  readonly runUri: string;
  /** The run's token, for workers. */
  readonly token: string;
  readonly lease: number;
  readonly server: SessionServer;
  readonly desk: WorkerDesk;
  readonly journal: RunJournal;
  readonly onConclude: (verdict: Verdict) => void;
}

type EffectOf<K extends CoreEffect['kind']> = Extract<CoreEffect, { kind: K }>;

export class EffectHands {
  readonly #parts: HandsParts;
  #members: readonly string[] = [];
  #announced: EffectOf<'start'>['members'] | null = null;
  #peers: Member[] = [];

  constructor(parts: HandsParts) {
    this.#parts = parts;
  }

  /** Ids of the last generation, in rank order. */
  get members(): readonly string[] {
    return this.#members;
  }

  perform(effect: CoreEffect, cause: CoreEvent): void {
    const { server, desk, journal } = this.#parts;
    switch (effect.kind) {
      case 'launch':
        return this.#launch(effect);
      case 'welcome':
        return this.#welcome(effect, cause);
      case 'refuse':
        return server.refuse(effect.worker, joiner(effect.worker, cause), effect.error);
      case 'start':
        return this.#start(effect);
      case 'keep':
        return server.say(effect.worker, { case: 'keep', value: create(KeepSchema) });
      case 'stop': {
        const value = create(StopSchema, { reason: effect.reason, complete: effect.complete });
        return server.say(effect.worker, { case: 'stop', value });
      }
      case 'size':
        return desk.resize(effect.ids);
      case 'kill':
        desk.killSoon(effect.worker);
        return server.drop(effect.worker);
      case 'status':
        return journal.status(effect);
      case 'note':
        return journal.note(effect.event, effect.message, effect.worker);
      case 'conclude':
        return this.#parts.onConclude(effect.verdict);
    }
  }

  #launch({ worker, incarnation }: EffectOf<'launch'>): void {
    const { desk, server, token, job } = this.#parts;
    const { threadsPerWorker: threads, gpusPerNode: gpus } = job.fleet;
    desk.launch({ workerId: worker, incarnation, coordinator: server.address, token, threads, gpus });
  }

  /** A worker that an earlier coordinator launched is this one's from here on. */
  #welcome({ worker }: EffectOf<'welcome'>, cause: CoreEvent): void {
    if (cause.kind !== 'joined') return;
    const { server, desk, runId, runUri, job, lease } = this.#parts;
    const value = create(WelcomeSchema, { runId, runUri, jobJson: JSON.stringify(job), lease });
    const pid = server.welcome(worker, cause.incarnation, { case: 'welcome', value });
    if (pid) desk.adopt({ workerId: worker, incarnation: cause.incarnation, pid });
    if (cause.standing) this.#members = cause.standing.members;
  }

  #start({ worker, rank, generation, members, graceful }: EffectOf<'start'>): void {
    if (members !== this.#announced) this.#announce(members);
    const value = create(StartSchema, {
      generation: { ...generation },
      rank,
      members: this.#peers,
      graceful,
    });
    this.#parts.server.say(worker, { case: 'start', value });
  }

  /** All members of a generation are told the same list: made for each, it would be the square of their number. */
  #announce(members: EffectOf<'start'>['members']): void {
    this.#announced = members;
    this.#members = members.map(({ id }) => id);
    this.#peers = members.map(({ id, address }) =>
      create(MemberSchema, { workerId: id, peerAddress: address }),
    );
  }
}

/** Which launch is refused: the one that asks to join, else (null) the one that is in. */
function joiner(worker: string, cause: CoreEvent): string | null {
  return cause.kind === 'joined' && cause.worker === worker ? cause.incarnation : null;
}
