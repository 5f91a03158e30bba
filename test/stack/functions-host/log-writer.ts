/** Where the host's log goes. */
export interface LogWriter {
  write(level: string, line: string): void;
  /** Resolves once what was written so far is out. */
  flushed(): Promise<void>;
  flushNow(): void;
}

/** A line of a function that takes long is seen at the latest after this. */
const MAX_DELAY_MS = 200;
const TO_STDERR = new Set(['warning', 'error', 'critical']);

/**
 * Gathers the lines of all invocations and writes them once in a turn of the event loop. The real host sends
 * them away in batches too; a system call for each line would take a twentieth of a rename's CPU time.
 */
export function createLogWriter(
  streams: Readonly<Record<'stdout' | 'stderr', { write(text: string): unknown }>>,
): LogWriter {
  const gathered = { stdout: '', stderr: '' };
  let timer: NodeJS.Timeout | null = null;
  let flushing: Promise<void> | null = null;

  const flushNow = (): void => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    for (const name of ['stdout', 'stderr'] as const) {
      const text = gathered[name];
      gathered[name] = '';
      if (text !== '') streams[name].write(text);
    }
  };
  return {
    write(level, line) {
      gathered[TO_STDERR.has(level) ? 'stderr' : 'stdout'] += `[${level}] ${line}\n`;
      timer ??= setTimeout(flushNow, MAX_DELAY_MS);
    },
    flushed() {
      flushing ??= new Promise((resolve) => {
        setImmediate(() => {
          flushing = null;
          flushNow();
          resolve();
        });
      });
      return flushing;
    },
    flushNow,
  };
}
