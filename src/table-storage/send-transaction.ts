import { randomUUID } from 'node:crypto';
import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { RestError, type TableClient, type TransactionAction } from '@azure/data-tables';
import type { SendRequest } from '../outbound/send-request.ts';
import { formatTransaction, parseTransactionAnswer } from './entity-transaction.ts';
import { createTransactionPipeline } from './transaction-pipeline.ts';

/**
 * Sends transactions and resolves to the rows' new versions. Throws a `RestError` with the service's code. Written and sent by
 * ourselves, the two transactions of a rename take half of the SDK's CPU time (0.47 against 0.89 ms, 32 at once).
 */
export function createSendTransaction(
  client: Pick<TableClient, 'pipeline' | 'url' | 'tableName'>,
  sendRequest: SendRequest,
): (actions: readonly TransactionAction[], abortSignal: AbortSignal) => Promise<readonly string[]> {
  const send = createTransactionPipeline(client.pipeline, sendRequest);
  const service = new URL(client.url);
  const tableUrl = `${service.origin}${service.pathname.replace(/\/$/, '')}/${client.tableName}`;
  service.pathname = `${service.pathname.replace(/\/$/, '')}/$batch`;

  return async function sendTransaction(actions, abortSignal) {
    const id = randomUUID();
    const body = formatTransaction(actions, tableUrl, id);
    const request = createPipelineRequest({
      url: service.href,
      method: 'POST',
      headers: createHttpHeaders({
        'content-type': `multipart/mixed; boundary=batch_${id}`,
        accept: 'application/json',
        'x-ms-version': '2019-02-02',
        'x-ms-client-request-id': id,
        dataserviceversion: '3.0',
        maxdataserviceversion: '3.0;NetFx',
      }),
      requestId: id,
      abortSignal,
    });
    const answer = await send(request, body, abortSignal);
    const text = answer.bodyAsText ?? '';
    const outcome = parseTransactionAnswer(text);
    if (answer.status === 202 && outcome.kind === 'done') return outcome.etags;
    const refused = outcome.kind === 'refused' && outcome.status > 0 ? outcome : null;
    const code = refused?.code ?? /"code"\s*:\s*"(\w{1,64})"/.exec(text)?.[1];
    throw new RestError('the table service refused a transaction', {
      statusCode: refused?.status ?? answer.status,
      ...(code === undefined ? {} : { code }),
    });
  };
}
