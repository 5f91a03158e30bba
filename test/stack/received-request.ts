export interface ReceivedRequest {
  method: string;
  /** The request target as it came: path and query. */
  path: string;
  /** Names in lower case; repeated ones joined by a comma. */
  headers: Record<string, string>;
  body: string;
}
