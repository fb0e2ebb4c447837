/**
 * Slots dealt out one after the other, whatever they cost: what torch.utils.data.DistributedSampler does with a shuffled
 * list. To compare with only: bags of different sizes then stall the fleet.
 */
export function dealInOrder(slots: number, workers: number): number[] {
  return Array.from({ length: slots }, (_, slot) => slot % workers);
}
