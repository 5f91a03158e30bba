// Apart from the client: every app registers the queue functions, and most starts never load the queue's SDK.

/** The queue that the function `carry-out-rename` reads. */
export const RENAMES_QUEUE = 'renames';
/** The setting, or the prefix of the settings, that holds the connection of the queue triggers. */
export const STORAGE_CONNECTION = 'RENAME_STORAGE';
