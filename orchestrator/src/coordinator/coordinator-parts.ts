/** What a coordinator is made of: the run, what it decides with, and where it finds itself. */
import type { DatasetManifest, JobSpec } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import type { Surroundings } from '../launch/surroundings.js';
import type { Core } from './core-loop.js';

export interface CoordinatorParts<State> extends Omit<Surroundings, 'isEndOfRun'> {
  readonly job: JobSpec;
  readonly manifest: DatasetManifest;
  readonly runId: string;
  /** The run's folder. */
  readonly store: ObjectStore;
  readonly core: Core<State>;
}
