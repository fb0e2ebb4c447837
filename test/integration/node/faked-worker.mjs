// Loaded before the worker program (NODE_OPTIONS=--import): in its place, a process that says what it sees and ends as
// FAKED_ENDS tells. In: { "w1": ["1", "stay"] }: exit codes by start, or `stay` until SIGTERM; without an entry `stay`.
if (process.argv[1]?.endsWith('worker-main.js')) {
  const { BAGFLEET_WORKER: worker, BAGFLEET_INCARNATION: incarnation = '', FAKED_ENDS = '{}' } = process.env;
  const start = Number(incarnation.split('.').at(-1));
  const end = JSON.parse(FAKED_ENDS)[worker]?.[start - 1] ?? 'stay';
  const { CUDA_VISIBLE_DEVICES: gpu, BAGFLEET_PORT: port } = process.env;
  console.log(`faked ${JSON.stringify({ worker, incarnation, gpu, port })}`);
  if (end !== 'stay') process.exit(Number(end));
  process.on('SIGTERM', () => process.exit(143));
  setInterval(() => {}, 1000);
  await new Promise(() => {});
}
