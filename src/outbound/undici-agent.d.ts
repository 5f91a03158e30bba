/** The one of undici's modules that is used alone; undici types them all together. */
declare module 'undici/lib/dispatcher/agent.js' {
  export { Agent as default } from 'undici';
}
