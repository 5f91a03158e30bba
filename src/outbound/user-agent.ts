import manifest from '../../package.json' with { type: 'json' };

/** Product and version (RFC 9110, section 10.1.5). */
export const USER_AGENT = `${manifest.name}/${manifest.version}`;
