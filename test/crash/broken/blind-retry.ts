import {
  createSendRequest as createSoundSendRequest,
  type SendRequest,
} from '../../../src/outbound/send-request.ts';

/** Broken: takes "no answer" for "not applied", and retries. */
export function createSendRequest(): SendRequest {
  const send = createSoundSendRequest();
  return async (request) => {
    const exchange = await send(request);
    return exchange.kind === 'no_answer' ? send(request) : exchange;
  };
}
