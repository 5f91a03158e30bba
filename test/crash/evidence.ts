/**
 * What the judge sees: what the far ends saw, what the table holds, what the clients were told. Nothing from
 * the app itself. `seq` numbers everything together, in the order of time.
 */
export interface Evidence {
  /** The iterations, and their names at the start. */
  readonly seeded: readonly { readonly iterationId: string; readonly name: string }[];
  /** The shortest upstream timeout of all instances. */
  readonly shortestTimeoutMs: number;
  readonly begins: readonly Begin[];
  readonly ends: readonly End[];
  readonly claimEnds: readonly ClaimEnd[];
  readonly effects: readonly Effect[];
  readonly edits: readonly Edit[];
  readonly reads: readonly Read[];
  /** Every row of the projects, read directly from the table. */
  readonly rows: readonly Row[];
  readonly asked: readonly Asked[];
}

/** A record was inserted into the table. */
export interface Begin {
  readonly seq: number;
  readonly atMs: number;
  readonly renameId: string;
}

/** A record got its outcome. */
export interface End {
  readonly seq: number;
  readonly renameId: string;
}

/** The claim that points to a rename was deleted: the product is about to answer its caller. */
export interface ClaimEnd {
  readonly seq: number;
  readonly renameId: string;
}

/** Something changed the iteration. */
interface Change {
  readonly seq: number;
  readonly atMs: number;
  readonly projectId: string;
  readonly iterationId: string;
}

/** The upstream took a name from the product. */
export interface Effect extends Change {
  /** As it was sent. */
  readonly name: string;
  /** As the upstream wrote it. */
  readonly shown: string;
  /** Of the attempt that caused it; null if the sweep carried out a queued rename. */
  readonly traceId: string | null;
}

/** A person changed the iteration in the portal. */
export interface Edit extends Change {
  /** The name after; it may be the name before. */
  readonly shown: string;
}

/** The upstream was asked for an iteration. */
export interface Read {
  readonly seq: number;
  readonly traceId: string | null;
  /** Null where no answer left. */
  answered: { readonly seq: number; readonly status: number } | null;
}

export type Row = Readonly<Record<string, unknown>> & {
  readonly partitionKey: string;
  readonly rowKey: string;
};

/** One rename that a client wants, with all its requests for it. */
export interface Asked {
  /**
   * A caller waits for the rename; a sender delivers a webhook; of a training there is a notice, and no
   * attempt.
   */
  readonly by: 'caller' | 'sender' | 'training';
  /** The rename that a caller asks to undo, with one entry for all who ask: its record tells `name`. */
  readonly undoes?: string;
  readonly projectId: string;
  readonly iterationId: string;
  /** Unique, except where two renames want the same name for the same iteration on purpose. */
  readonly name: string;
  /** The idempotency key, or the id of the delivery. */
  readonly key: string | null;
  /** The grant was withdrawn as soon as the rename was accepted. */
  readonly isWithdrawn?: true;
  /** Nothing but throttling stands in its way. */
  readonly isOnlyThrottled?: true;
  readonly attempts: Attempt[];
}

/** One request, and what its client was told. */
export interface Attempt {
  readonly traceId: string;
  /** Before it was sent, and after it was answered. */
  readonly startedSeq: number;
  readonly endedSeq: number;
  readonly tookMs: number;
  /** Null if the connection was lost, or no answer came in time. */
  readonly status: number | null;
  readonly renameId: string | null;
  /** The name in the answered iteration. */
  readonly name: string | null;
}
