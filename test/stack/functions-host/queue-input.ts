import type { TypedData } from './core-api.ts';

export interface QueuedMessage {
  /** Decoded. */
  text: string;
  id: string;
  popReceipt: string;
  dequeueCount: number;
  insertedOn: Date;
  expiresOn: Date;
  nextVisibleOn: Date;
}

/** A message and its metadata the way the storage extension hands them to a worker. */
export function queueInput(message: QueuedMessage): {
  data: TypedData;
  triggerMetadata: Record<string, TypedData>;
} {
  return {
    data: { string: message.text },
    triggerMetadata: {
      QueueTrigger: { string: message.text },
      Id: { string: message.id },
      PopReceipt: { string: message.popReceipt },
      DequeueCount: { int: message.dequeueCount },
      InsertionTime: { json: JSON.stringify(message.insertedOn) },
      ExpirationTime: { json: JSON.stringify(message.expiresOn) },
      NextVisibleTime: { json: JSON.stringify(message.nextVisibleOn) },
    },
  };
}
