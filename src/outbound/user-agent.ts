import manifest from '../../package.json' with { type: 'json' };

/** As RFC 9110, section 10.1.5, asks for: the product and its version. */
export const USER_AGENT = `${manifest.name}/${manifest.version}`;
