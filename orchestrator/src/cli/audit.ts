/** `bagfleet audit`: proves from a run's records that every training bag counted exactly once in every epoch. */
import type { JobSpec, StoreOptions } from '@bagfleet/proto';
import type { ObjectStore } from '@bagfleet/worker/storage/object-store';
import { openStore } from '@bagfleet/worker/storage/open-store';
import type { CommandModule } from 'yargs';
import { auditLedger } from '../audit/audit-ledger.js';
import type { AuditResult } from '../audit/audit-result.js';
import { type Reached, reachedProgress } from '../audit/reached-progress.js';
import { resolveJob } from '../job-file/load-job.js';
import { findRun } from '../registry/find-run.js';
import { jobOfRun } from '../registry/job-of-run.js';
import { readAllLedgerRows } from '../registry/read-rows.js';
import type { RunRecord } from '../registry/read-run.js';
import { auditWords, ledgerWrong } from './audit-words.js';
import { withDataset } from './job-dataset.js';
import { type JsonFlag, withJson } from './options/json-flag.js';
import { type RunArgument, withRun } from './options/run-argument.js';
import { type StoreFlags, storeOptionsOf, storeOverrides } from './options/store-flags.js';
import { withRunStore } from './run-store.js';
import { print, printJson, remark } from './terminal.js';

type AuditFlags = RunArgument & JsonFlag;

export const audit: CommandModule<unknown, AuditFlags> = {
  command: 'audit [run]',
  describe: 'Prove that every bag counted once',
  builder: (parser) =>
    withJson(withRun(parser))
      .example('$0 audit latest', 'The newest run')
      .example('$0 audit mnist-2 --json', 'With every finding')
      .epilogue(
        "Compares the ledger of the run with the training bags of its dataset's manifest. Exit code 1 if a bag is missing, counted twice or does not belong there.",
      ),
  handler: (flags) =>
    withRunStore(flags, async (store) => {
      const record = await findRun(store, flags.run, new Date());
      const job = await jobOfRun(store, record.run);
      const reached = await reachedBy(store, record, flags);
      const result = await withDataset(
        job.data,
        dataAccess(job, flags),
        async ({ manifest, digest, uri }) => {
          if (reached.dataset !== null && reached.dataset !== digest)
            remark(`note: ${uri} has changed since this run trained with it`);
          const rows = await readAllLedgerRows(store, record.run);
          return auditLedger({ job, manifest, rows, progress: reached.progress });
        },
      );
      tell(record, result, flags.json);
    }),
};

async function reachedBy(store: ObjectStore, record: RunRecord, flags: StoreFlags): Promise<Reached> {
  const runFolder = await openStore(`${store.uri}/${record.run}`, storeOptionsOf(flags));
  try {
    return await reachedProgress(runFolder, record);
  } finally {
    runFolder.close();
  }
}

/** The dataset is reached as it was in training, but for what the flags say. */
function dataAccess({ data, store }: JobSpec, flags: StoreFlags): StoreOptions {
  const request = { file: '-', overrides: storeOverrides(flags), workingFolder: process.cwd() };
  return resolveJob({ data: { manifest: data.manifest }, store }, "the run's job", request).store;
}

function tell({ run, state }: RunRecord, result: AuditResult, json: boolean): void {
  if (json) printJson({ run, state, ...result });
  else if (result.ok) for (const line of auditWords(result)) print(`${run}: ${line}`);
  if (result.ok) return;
  const verdict = ledgerWrong(run, result);
  if (!json) throw verdict;
  // Standard output has its one JSON value already: only the words and the code are left to give.
  remark(verdict.describe());
  process.exitCode = verdict.exitCode;
}
