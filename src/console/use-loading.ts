import { useCallback, useEffect, useState } from 'preact/hooks';

export interface Loading<T> {
  readonly value: T | null;
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Loads again, and shows the old value until then. */
  readonly reload: () => void;
}

interface Loaded<T> {
  readonly keys: string;
  readonly value: T | null;
  readonly error: unknown;
}

/** Loads whenever `keys` changes; null loads nothing. What was loaded for other keys is not shown. */
export function useLoading<T>(keys: string | null, load: (signal: AbortSignal) => Promise<T>): Loading<T> {
  const [loaded, setLoaded] = useState<Loaded<T> | null>(null);
  const [isLoading, setIsLoading] = useState(false);
  const [turn, setTurn] = useState(0);

  useEffect(() => {
    if (keys === null) return;
    const ending = new AbortController();
    setIsLoading(true);
    const settle = (value: T | null, error: unknown): void => {
      if (ending.signal.aborted) return;
      setLoaded({ keys, value, error });
      setIsLoading(false);
    };
    load(ending.signal).then(
      (value) => settle(value, null),
      (error: unknown) => settle(null, error),
    );
    return () => ending.abort();
  }, [keys, turn]);

  const reload = useCallback(() => setTurn((turns) => turns + 1), []);
  const current = loaded !== null && loaded.keys === keys ? loaded : null;
  return { value: current?.value ?? null, error: current?.error ?? null, isLoading, reload };
}
