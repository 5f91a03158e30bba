export interface SourceTurns<T> {
  /** False where `maxWaiting` items of this source wait already. */
  join(source: string, item: T, maxWaiting: number): boolean;
  /** The next item, of a source that is not being served; null where there is none. */
  next(): { readonly source: string; readonly item: T } | null;
  /** The source's last item is done: its next may have a turn. */
  leave(source: string): void;
}

/**
 * A line in which sources take turns, and each is served one item at a time: what one source sends delays no
 * other source by more than the item that is being served.
 */
export function createSourceTurns<T>(): SourceTurns<T> {
  /** In the order of the sources' turns. */
  const waiting = new Map<string, T[]>();
  const served = new Set<string>();

  return {
    join(source, item, maxWaiting) {
      const items = waiting.get(source) ?? [];
      if (items.length >= maxWaiting) return false;
      items.push(item);
      waiting.set(source, items);
      return true;
    },

    next() {
      for (const [source, [item, ...others]] of waiting) {
        if (item === undefined || served.has(source)) continue;
        served.add(source);
        waiting.delete(source);
        if (others.length > 0) waiting.set(source, others);
        return { source, item };
      }
      return null;
    },

    leave(source) {
      served.delete(source);
    },
  };
}
