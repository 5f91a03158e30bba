/** What is left to judge by when everything is over: what the far ends saw, what the table holds, what the clients were told. Nothing of the app's own. */
export interface Evidence {
  readonly begins: readonly Begin[];
  readonly effects: readonly Effect[];
  /** Every row of the projects that were renamed in, read past the app. */
  readonly rows: readonly Row[];
  readonly asked: readonly Asked[];
}

/** A record was put into the table. `seq` counts begins and effects together, in the order in which they took place. */
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
  /** Of the attempt that it came from; null where the sweep carried out what nobody waited for. */
  readonly traceId: string | null;
}

export type Row = Readonly<Record<string, unknown>> & {
  readonly partitionKey: string;
  readonly rowKey: string;
};

/** One rename that somebody wants, however often they have to ask. */
export interface Asked {
  /** A caller waits for the rename; a sender delivers a webhook and goes. */
  readonly by: 'caller' | 'sender';
  readonly projectId: string;
  readonly iterationId: string;
  /** No other request has it, but for those that want the very same name of the same iteration. */
  readonly name: string;
  /** The idempotency key, or the id of the delivery. */
  readonly key: string | null;
  readonly attempts: Attempt[];
}

/** One request, and what its client was told. */
export interface Attempt {
  readonly traceId: string;
  /** Null where the connection was lost, or no answer came in time. */
  readonly status: number | null;
  readonly renameId: string | null;
  /** The name in the answered iteration. */
  readonly name: string | null;
}
