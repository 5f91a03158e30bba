/**
 * What the judge sees: what the far ends saw, what the table holds, what the clients were told. Nothing from
 * the app itself.
 */
export interface Evidence {
  readonly begins: readonly Begin[];
  readonly effects: readonly Effect[];
  /** Every row of the projects, read directly from the table. */
  readonly rows: readonly Row[];
  readonly asked: readonly Asked[];
}

/** A record was inserted into the table. `seq` numbers begins and effects together, in the order of time. */
export interface Begin {
  readonly seq: number;
  readonly renameId: string;
}

/** The upstream took a name. */
export interface Effect {
  readonly seq: number;
  readonly projectId: string;
  readonly iterationId: string;
  readonly name: string;
  /** Of the attempt that caused it; null if the sweep carried out a queued rename. */
  readonly traceId: string | null;
}

export type Row = Readonly<Record<string, unknown>> & {
  readonly partitionKey: string;
  readonly rowKey: string;
};

/** One rename that a client wants, with all its requests for it. */
export interface Asked {
  /** A caller waits for the rename; a sender delivers a webhook. */
  readonly by: 'caller' | 'sender';
  readonly projectId: string;
  readonly iterationId: string;
  /** Unique, except where two renames want the same name for the same iteration on purpose. */
  readonly name: string;
  /** The idempotency key, or the id of the delivery. */
  readonly key: string | null;
  readonly attempts: Attempt[];
}

/** One request, and what its client was told. */
export interface Attempt {
  readonly traceId: string;
  /** Null if the connection was lost, or no answer came in time. */
  readonly status: number | null;
  readonly renameId: string | null;
  /** The name in the answered iteration. */
  readonly name: string | null;
}
