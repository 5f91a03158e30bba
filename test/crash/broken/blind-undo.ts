export * from '../../../src/rename/not-undone.ts';

/** Broken: sends an undo whatever name the iteration has. */
export function refuseUndo(): null {
  return null;
}
