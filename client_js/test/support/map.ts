/** A small map as a server sends it. */

const GRID = new Uint8Array([255, 0, 255, 0, 255, 0, 255, 1]); // 32 x 32: the last rows are wall
export const MAP = [
  1,
  "yard",
  "Yard",
  32,
  32,
  GRID,
  GRID,
  GRID,
  [[1, "spawn", "a", 0, 5, 6, {}]],
  [],
  1,
  4,
];
