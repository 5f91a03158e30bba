import { RE2JS } from 're2js';
import type { CompileNames } from './access-policy.ts';

/** A name is matched in time that grows with this and with its own length. */
const MAX_PROGRAM_SIZE = 500;

/**
 * The pattern of a grant as a check of a whole name, in linear time: names come from callers, and a
 * backtracking engine would stop for minutes at some of them. Syntax:
 * https://github.com/google/re2/wiki/Syntax
 */
export const compileNames: CompileNames = (pattern) => {
  let compiled;
  try {
    compiled = RE2JS.compile(pattern);
  } catch {
    throw new Error('has a names pattern that is not a regular expression in the syntax of RE2');
  }
  if (compiled.programSize() > MAX_PROGRAM_SIZE) {
    throw new Error('has a names pattern that is too large: shorten it, or split it into several grants');
  }
  return (name) => compiled.matches(name);
};
