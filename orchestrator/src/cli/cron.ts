/**
 * `bagfleet cron`: a job that is trained again and again on a folder that grows.
 * In: how the cluster that keeps the clock is found. Out: the commands.
 */
import type { FindCluster } from '../cron/cron-cluster.js';
import { cronApply } from './cron-apply.js';
import { cronDelete } from './cron-delete.js';
import { cronHistory } from './cron-history.js';
import { cronList } from './cron-list.js';
import { cronRunNow } from './cron-run-now.js';
import { cronResume, cronSuspend } from './cron-suspend.js';
import { type CommandGroup, commandGroup } from './program.js';

export function cronCommands(findCluster: FindCluster): CommandGroup {
  return commandGroup('cron', 'Train a job again and again on a folder that grows', [
    cronApply(findCluster),
    cronList(findCluster),
    cronHistory,
    cronRunNow(findCluster),
    cronSuspend(findCluster),
    cronResume(findCluster),
    cronDelete(findCluster),
  ]);
}
