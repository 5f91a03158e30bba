/**
 * Where a queued rename's record stands: all that a message of the queue holds. The message is untrusted, the
 * record is not.
 */
export interface RenamePointer {
  readonly projectId: string;
  readonly renameId: string;
}

export interface RenameQueue {
  /** Resolves once the message is stored; it is delivered at the earliest `delayMs` from now. */
  enqueue(pointer: RenamePointer, delayMs: number): Promise<void>;
}
