/**
 * Where a diagram's data lie on the picture.
 * In: a box in px, an axis for each direction. Out: the frame's edges, and the place of a point in data units.
 */
import type { Axis } from './nice-ticks.js';
import type { Point } from './svg.js';

export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Frame extends Box {
  readonly right: number;
  readonly bottom: number;
  readonly x: Axis;
  readonly y: Axis;
}

/** Left free around the frame for title, legend, tick labels and names. */
export const ROOM = { title: 34, legend: 20, right: 14, bottom: 44, left: 58 };
export const TEXT = 12;

export function frameIn(box: Box, x: Axis, y: Axis, hasLegend: boolean): Frame {
  const left = box.left + ROOM.left;
  const top = box.top + ROOM.title + (hasLegend ? ROOM.legend : 0);
  const right = box.left + box.width - ROOM.right;
  const bottom = box.top + box.height - ROOM.bottom;
  return { left, top, right, bottom, width: right - left, height: bottom - top, x, y };
}

export function placeX({ left, width, x }: Frame, value: number): number {
  return left + ((value - x.low) / (x.high - x.low)) * width;
}

export function placeY({ bottom, height, y }: Frame, value: number): number {
  return bottom - ((value - y.low) / (y.high - y.low)) * height;
}

export function place(frame: Frame, [x, y]: Point): Point {
  return [placeX(frame, x), placeY(frame, y)];
}
