/** Templates in place of JSX. Values become text or attributes, never markup. */
export { html } from 'htm/preact';
