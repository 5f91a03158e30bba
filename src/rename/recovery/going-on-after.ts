/**
 * Begins behind the one that was dealt with last, and comes to the others after that: those that fail, or
 * take their time, must not keep the ones behind them from ever being reached. `all` is in the order of its
 * keys.
 */
export function goingOnAfter<T>(lastKey: string, all: readonly T[], keyOf: (one: T) => string): readonly T[] {
  const isBehind = (one: T) => keyOf(one) > lastKey;
  return [...all.filter(isBehind), ...all.filter((one) => !isBehind(one))];
}
