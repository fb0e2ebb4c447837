/**
 * The port of the ways to build a graph: who are the neighbours of a point.
 * Each way is a function of the coordinates alone, with ties broken by index: the same on every machine.
 */

/** @returns the neighbours of a point in their order, without itself */
export type Neighbours = (point: number) => readonly number[];
