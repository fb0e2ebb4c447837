#!/usr/bin/env node
/**
 * The entry point of `bagfleet`: lists the commands, runs the one that was asked for, sets the exit code.
 */
import { readFile } from 'node:fs/promises';
import type { FindCluster } from '../cron/cron-cluster.js';
import { audit } from './audit.js';
import { cancel } from './cancel.js';
import { chaos } from './chaos.js';
import { checkpointsExport } from './checkpoints-export.js';
import { checkpointsList } from './checkpoints-list.js';
import { checkpointsPull } from './checkpoints-pull.js';
import { checkpointsTag } from './checkpoints-tag.js';
import { checkpointsVerify } from './checkpoints-verify.js';
import { cronCommands } from './cron.js';
import { dataCache } from './data-cache.js';
import { command as dataDemo } from './data-demo.js';
import { command as dataIndex } from './data-index.js';
import { command as dataInspect } from './data-inspect.js';
import { doctor } from './doctor.js';
import { evaluate } from './evaluate.js';
import { reportFailure } from './failure.js';
import { host } from './host.js';
import { importWeights } from './import.js';
import { init } from './init.js';
import { list } from './list.js';
import { logs } from './logs.js';
import { picture } from './picture.js';
import { plan } from './plan.js';
import { predict } from './predict.js';
import { type Command, commandGroup, runProgram } from './program.js';
import { resume } from './resume.js';
import { scale } from './scale.js';
import { schema } from './schema.js';
import { status } from './status.js';
import { submit } from './submit.js';
import { surviveClosedPipes } from './terminal.js';
import { validate } from './validate.js';

/** Loaded where it is needed: the client takes half a second. */
const findCronCluster: FindCluster = async (job, context) => {
  if (job.fleet.engine !== 'kubernetes') return null;
  const { openCronCluster } = await import('../launch/kubernetes/cron-jobs.js');
  return openCronCluster(job, context);
};

const data = commandGroup('data', 'Make, index and inspect datasets', [
  dataDemo,
  dataIndex,
  dataInspect,
  dataCache,
]);
const checkpoints = commandGroup('checkpoints', 'List, copy and verify what was trained', [
  checkpointsList,
  checkpointsPull,
  checkpointsVerify,
  checkpointsExport,
  checkpointsTag,
]);
const cron = cronCommands(findCronCluster);

/** In the order of `--help`: prepare, run, look, use. */
const COMMANDS: readonly Command[] = [
  init,
  data,
  validate,
  plan,
  submit,
  resume,
  host,
  list,
  status,
  logs,
  cancel,
  scale,
  audit,
  chaos,
  cron,
  checkpoints,
  evaluate,
  predict,
  importWeights,
  picture,
  doctor,
  schema,
];

surviveClosedPipes();
const words = process.argv.slice(2);
try {
  await runProgram(words, COMMANDS, await ownVersion());
} catch (thrown) {
  process.exitCode = reportFailure(thrown, words.includes('--json'));
}

async function ownVersion(): Promise<string> {
  const text = await readFile(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
