import type { RoutedResource } from '../custom-vision/choose-resource.ts';
import { RequestError } from '../http/request-error.ts';
import type { RenameRequest } from '../rename/rename-request.ts';
import { type Evaluate, ExpressionError } from '../expressions/expression.ts';
import { parseMappedRename } from './mapped-rename.ts';

/**
 * What the sender sent. `at` is the prefix of the paths of faults, when one request carries several
 * deliveries.
 */
export interface MappedDelivery {
  readonly payload: unknown;
  readonly headers: Iterable<[string, string]>;
  readonly at?: string;
}

/** The rename that a delivery asks for; null when it asks for none. Throws a `RequestError`. */
export type MapDelivery = (delivery: MappedDelivery) => Promise<RenameRequest | null>;

/** The headers that describe a delivery. An expression must see no signature and no credential. */
const SENDERS_HEADER =
  /^(x-github-(event|hook-[\w-]+)|(webhook|svix)-(id|timestamp)|x-mlflow-(delivery-id|timestamp)|ce-[a-z0-9]+)$/;

/** Maps a delivery with a JSONata expression over its payload; `$headers` holds the sender's headers. */
export function createMapDelivery({
  evaluate,
  resources,
}: {
  readonly evaluate: Evaluate;
  readonly resources: ReadonlyMap<string, RoutedResource>;
}): MapDelivery {
  return async function mapDelivery({ payload, headers, at = '' }) {
    const sendersHeaders = [...headers]
      .map(([name, value]) => [name.toLowerCase(), value] as const)
      .filter(([name]) => SENDERS_HEADER.test(name));
    let result;
    try {
      result = await evaluate(payload, { headers: Object.fromEntries(sendersHeaders) });
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      throw new RequestError(
        'invalid_request',
        `This source's rename expression cannot be evaluated on the delivery: ${error.message}`,
        [{ path: at, message: error.message }],
      );
    }
    return parseMappedRename(result, resources, at);
  };
}
