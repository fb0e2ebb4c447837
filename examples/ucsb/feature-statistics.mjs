/**
 * Mean and standard deviation of each feature over all instances of some bags: what `data.normalize` takes.
 * In: one float32 array [instances, width] per bag. A feature that never changes gets 1, so it becomes 0.
 */
export function featureStatistics(bags, width) {
  const sum = new Float64Array(width);
  const squares = new Float64Array(width);
  const instances = bags.reduce((count, values) => count + values.length / width, 0);
  for (const values of bags) for (let i = 0; i < values.length; i++) sum[i % width] += values[i];
  const mean = sum.map((value) => value / instances);
  for (const values of bags)
    for (let i = 0; i < values.length; i++) squares[i % width] += (values[i] - mean[i % width]) ** 2;
  const std = squares.map((value) => Math.sqrt(value / instances)).map((value) => (value > 1e-6 ? value : 1));
  return { mean: Array.from(mean), std: Array.from(std) };
}
