import { olderDocuments } from '#openapi';
import { RequestError } from '../http/request-error.ts';
import { createOpenApiDocument, SECURITY_SCHEMES } from './document.ts';

type Mode = keyof typeof SECURITY_SCHEMES;

/** The description in the asked version of OpenAPI; the newest without. Throws a `RequestError`. */
export function openApiDocument(version: string | null, mode: Mode): object {
  const newest = createOpenApiDocument(mode);
  const { security } = newest;
  switch (version) {
    case null:
    case '3.1':
      return newest;
    case '3.0': {
      const { components, ...document } = olderDocuments['3.0'];
      return { ...document, security, components: { ...Object(components), ...schemesOf(newest) } };
    }
    case '2.0': {
      const securityDefinitions = SWAGGER_SCHEMES[mode];
      return { ...olderDocuments['2.0'], security, securityDefinitions };
    }
    default:
      throw new RequestError('invalid_request', 'The version must be 3.1, 3.0 or 2.0.', [
        { path: 'version', message: 'must be 3.1, 3.0 or 2.0' },
      ]);
  }
}

function schemesOf({ components: { securitySchemes } }: ReturnType<typeof createOpenApiDocument>) {
  return { securitySchemes };
}

/** 2.0 has no bearer token. */
const SWAGGER_ENTRA = {
  entra: {
    type: 'apiKey',
    in: 'header',
    name: 'Authorization',
    description: `Bearer and a blank, then: ${SECURITY_SCHEMES.entra.entra.description}`,
  },
} as const;

const SWAGGER_SCHEMES = {
  'caller-key': SECURITY_SCHEMES['caller-key'],
  entra: SWAGGER_ENTRA,
  'entra,caller-key': { ...SWAGGER_ENTRA, ...SECURITY_SCHEMES['caller-key'] },
  'function-key': SECURITY_SCHEMES['function-key'],
} as const satisfies Record<Mode, object>;
