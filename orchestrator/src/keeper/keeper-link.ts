/**
 * What a coordinator says to the keeper that started it, over the channel between the two processes.
 * In: its life. Out: a sign of life now and then, and the one word that ends the run for the keeper.
 * Without a keeper, or when it has gone, nothing is said.
 */
import { once } from 'node:events';

/** alive: again and again. concluded: the run has its verdict, or can't have one: no other coordinator is wanted. */
export type KeeperWord = 'alive' | 'concluded';

const ALIVE_MS = 500;

export function sayAlive(): void {
  say('alive');
  setInterval(() => say('alive'), ALIVE_MS).unref();
}

/** Resolves when the keeper can have heard it. */
export async function sayConcluded(): Promise<void> {
  if (!process.connected) return;
  const gone = once(process, 'disconnect');
  await Promise.race([new Promise((resolve) => process.send?.('concluded', resolve)), gone]);
}

function say(word: KeeperWord): void {
  if (process.connected) process.send?.(word, () => undefined);
}
