import type { GetTableEntityOptions } from '@azure/data-tables';

/** The `Date` of an answer stands for that whole second. */
const DATE_RESOLUTION_MS = 1000;

/** When a row was written, on the reader's monotonic clock. */
export interface RowTimes {
  /** The row was written no earlier than this; minus infinity where the service does not tell. */
  readonly writtenAfterMs: number;
  /** And no later than this. */
  readonly writtenBeforeMs: number;
  /** The table's clock when it was read: epoch ms, to the second. */
  readonly tableTimeMs: number;
}

/**
 * Tells how long ago rows were written, by the table service's clock alone: the row's `Timestamp` and the
 * answer's `Date`. The reader's own wall clock may be minutes off; its monotonic clock only bounds how long
 * the request took.
 */
export function startTableClock(monotonic: () => number): {
  readonly listener: Pick<GetTableEntityOptions, 'onResponse'>;
  timesOf(row: { readonly timestamp?: string }): RowTimes;
} {
  const askedAtMs = monotonic();
  let dateMs = Number.NaN;
  return {
    listener: {
      onResponse: ({ headers }) => {
        dateMs = Date.parse(headers.get('date') ?? '');
      },
    },
    timesOf({ timestamp }) {
      const ageMs = dateMs - Date.parse(timestamp ?? '');
      if (Number.isNaN(ageMs)) {
        return {
          writtenAfterMs: Number.NEGATIVE_INFINITY,
          writtenBeforeMs: monotonic(),
          tableTimeMs: dateMs,
        };
      }
      return {
        writtenAfterMs: askedAtMs - Math.max(0, ageMs + DATE_RESOLUTION_MS),
        writtenBeforeMs: monotonic() - Math.max(0, ageMs),
        tableTimeMs: dateMs,
      };
    },
  };
}
