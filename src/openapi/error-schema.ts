import { CUSTOM_VISION_ERROR_CODES } from '../custom-vision/error-codes.ts';

const text = { type: 'string' } as const;
export const renameId = { type: 'string', pattern: '^[0-9]{13}-[a-z2-7]{10}$' } as const;

/** The service's own CustomVisionError, with additions. */
export const errorSchema = {
  type: 'object',
  required: ['code', 'message'],
  properties: {
    code: {
      ...text,
      'x-extensible-enum': CUSTOM_VISION_ERROR_CODES,
      description:
        "One of the service's own error codes where one fits, or a new one that it has not listed yet.",
    },
    message: text,
    details: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { ...text, description: 'A JSON pointer into the body, or the part of the request.' },
          message: text,
        },
        additionalProperties: false,
      },
    },
    renameId: { ...renameId, description: 'The audit record, where there is one.' },
  },
  additionalProperties: false,
  xml: { name: 'CustomVisionError' },
  examples: [
    {
      code: 'BadRequestIterationName',
      message: 'The name is not acceptable: must have no white space at either end.',
      details: [{ path: '/name', message: 'must have no white space at either end' }],
    },
  ],
} as const;
