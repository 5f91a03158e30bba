/** The versions of the training API that a rename may name; each has the same rename. */
export const API_VERSION_PATTERN = '^v3\\.[0-4](-preview)?$';

/** For renames whose source names no version: webhooks and training notifications. */
export const DEFAULT_API_VERSION = 'v3.2';
