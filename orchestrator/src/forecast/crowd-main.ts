/**
 * Entry point of a process that computes beside others (crowd-member.ts): a task first, then `go` and `rest`.
 * It ends when nobody is connected any more.
 */
import { CROWD_ANSWERS, type CrowdTask } from './crowd-member.js';
import { madeUpBag, preparedCompute } from './prepared-compute.js';

const say = (word: string) => process.send?.(word);

process.once('disconnect', () => process.exit(0));
process.once('message', (message) => void carryOut(message as CrowdTask));

async function carryOut({ job, dataset, instances }: CrowdTask): Promise<void> {
  const { compute, into } = await preparedCompute(job, dataset);
  const bag = madeUpBag(instances, dataset.instanceShape);
  const gradient = () => compute.call('gradient', { bag, epoch: 1, repeat: 0, into });
  await gradient();
  let going = false;
  process.on('message', (word) => {
    if (word === 'rest') going = false;
    else if (!going) void run();
  });
  const run = async () => {
    going = true;
    say(CROWD_ANSWERS.go);
    while (going) await gradient();
    say(CROWD_ANSWERS.rest);
  };
  say(CROWD_ANSWERS.task);
}
