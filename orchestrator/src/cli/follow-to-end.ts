/**
 * Follows a started run at the terminal: progress, Ctrl-C, and what is said when it is over.
 */
import { BagfleetError, type JobSpec, type RunStatus } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import { requestCancel } from '../registry/cancel-run.js';
import { markCancelled } from '../registry/mark-cancelled.js';
import { readMetrics, readWork } from '../registry/read-rows.js';
import { dataWaitLine, dataWaitShares } from '../report/data-wait.js';
import { finalTable, PLAIN_TABLE, type TableStyle, TERMINAL_TABLE } from '../report/final-table.js';
import { ProgressDrawer } from '../report/progress-drawer.js';
import { followRun } from '../submit/follow-run.js';
import type { StartedRun } from '../submit/started-run.js';
import { InterruptWatch } from '../submit/watch-interrupts.js';
import { print, printJson, remark, terminalWidth } from './terminal.js';

/** Resolves when the run is done or the user has detached; throws what the exit code follows from. */
export async function followToEnd(job: JobSpec, started: StartedRun, json: boolean): Promise<void> {
  const store = await openStore(job.store.uri, job.store);
  const drawer = new ProgressDrawer(process.stderr, () => performance.now());
  const detached = new AbortController();
  let hasBegun = false;
  const watch = new InterruptWatch((wish) => {
    if (wish === 'detach') return detached.abort();
    remark(`\nending ${started.run} …`);
    void end(store, job, started, hasBegun).catch((error: unknown) => remark(String(error)));
  });
  try {
    const onStatus = (status: RunStatus) => {
      hasBegun = true;
      if (!watch.asking) drawer.draw(status);
    };
    const events = { onStatus, onHeldUp: eachOnce(remark) };
    const status = await followRun(store, started, events, detached.signal);
    drawer.end();
    await tellEnd(store, job, status, started, json);
  } catch (thrown) {
    drawer.end();
    if (!detached.signal.aborted) throw thrown;
    tellDetached(started, json);
  } finally {
    started.letGo();
    watch.close();
    store.close();
  }
}

/** A coordinator that works hears it from the store; one that has not begun may never do so. */
async function end(
  store: ObjectStore,
  job: JobSpec,
  { run, withdraw }: StartedRun,
  hasBegun: boolean,
): Promise<void> {
  await requestCancel(store, run, new Date());
  if (hasBegun || job.fleet.engine === 'local') return;
  await withdraw();
  await markCancelled(store, run, job, new Date());
}

/** The same words again are not news. */
function eachOnce(say: (words: string) => void): (words: string | null) => void {
  let last: string | null = null;
  return (words) => {
    if (words !== null && words !== last) say(words);
    last = words;
  };
}

async function tellEnd(
  store: ObjectStore,
  job: JobSpec,
  status: RunStatus,
  { run, uri }: StartedRun,
  json: boolean,
): Promise<void> {
  const { epochs } = await readMetrics(store, run);
  const waitedForData = dataWaitShares(await readWork(store, run));
  const { state, metric, error } = status;
  if (json) printJson({ run, uri, state, metric, epochs, waitedForData, error });
  else if (epochs.length > 0)
    print(finalTable(epochs, { metric: job.validation.metric, width: terminalWidth(), style: tableStyle() }));
  if (!json && waitedForData) print(dataWaitLine(waitedForData));
  if (status.state === 'done') return;
  const verdict = verdictOf(status);
  if (!json) throw verdict;
  // Standard output has its one JSON value already: only the words and the code are left to give.
  remark(verdict.describe());
  process.exitCode = verdict.exitCode;
}

function tableStyle(): TableStyle {
  return process.stdout.isTTY ? TERMINAL_TABLE : PLAIN_TABLE;
}

/** Before the first step it is the input's fault (2, by its code); later it is a job that failed (1). */
function verdictOf(status: RunStatus): BagfleetError {
  if (status.state !== 'failed' || !status.error)
    return new BagfleetError('interrupted', `the run was ${status.state}`, {
      culprit: `run ${status.run}`,
      hint: `Its checkpoints stay; go on with it: \`bagfleet resume ${status.run}\`.`,
    });
  if (status.epoch === 0) return BagfleetError.fromJSON(status.error as never);
  const { culprit, message, hint } = status.error;
  return new BagfleetError('job-failed', message, {
    ...(culprit === undefined ? {} : { culprit }),
    ...(hint === undefined ? {} : { hint }),
  });
}

function tellDetached({ run }: StartedRun, json: boolean): void {
  if (json) return printJson({ run, state: 'detached' });
  remark(`Detached: ${run} goes on. See \`bagfleet status ${run}\`, end it with \`bagfleet cancel ${run}\`.`);
}
