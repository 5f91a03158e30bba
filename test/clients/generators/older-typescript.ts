import { registerHooks } from 'node:module';

// hey-api accepts the product's TypeScript 7, and calls what only older ones have: the one beside this file.
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'typescript'
      ? next(specifier, { ...context, parentURL: import.meta.url })
      : next(specifier, context),
});
