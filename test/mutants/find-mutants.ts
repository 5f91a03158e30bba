import { type ESTree, parseSync, Visitor } from 'vite';
import type { Mutant } from './mutant.ts';

/** A bound that moves by one, and one that is turned round. */
const OTHER_OPERATORS: Readonly<Record<string, readonly string[]>> = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '+=': ['-='],
  '-=': ['+='],
  '??=': ['='],
};
const OTHER_METHODS: Readonly<Record<string, string>> = {
  max: 'min',
  min: 'max',
  some: 'every',
  every: 'some',
};
const DROPPED = new Set(['ExpressionStatement', 'ThrowStatement', 'BreakStatement', 'ContinueStatement']);

/** Every change of a comparison, a condition, a number or a truth value, and every statement left out. */
export function findMutants(file: string, source: string): Mutant[] {
  const { program } = parseSync(file, source);
  const mutants: Mutant[] = [];
  const inTypes = new Set<number>();
  const textOf = ({ start, end }: ESTree.Span) => source.slice(start, end);
  const replace = ({ start, end }: ESTree.Span, ...replacements: string[]) => {
    for (const replacement of replacements) mutants.push({ file, start, end, replacement });
  };
  const replaceOperator = (left: ESTree.Span, operator: string, right: ESTree.Span) => {
    const start = source.indexOf(operator, left.end);
    if (start < right.start)
      replace({ start, end: start + operator.length }, ...(OTHER_OPERATORS[operator] ?? []));
  };
  const decide = (test: ESTree.Span) => replace(test, 'true', 'false');
  const drop = (statements: readonly (ESTree.Span & { readonly type: string })[]) => {
    for (const statement of statements) if (DROPPED.has(statement.type)) replace(statement, ';');
  };

  new Visitor({
    BinaryExpression: ({ left, operator, right }) => replaceOperator(left, operator, right),
    AssignmentExpression: ({ left, operator, right }) => replaceOperator(left, operator, right),
    LogicalExpression: (node) => replace(node, `(${textOf(node.left)})`, `(${textOf(node.right)})`),
    UnaryExpression(node) {
      if (node.operator === '!' || node.operator === '-') replace(node, textOf(node.argument));
    },
    MemberExpression({ property }) {
      const other = property.type === 'Identifier' ? OTHER_METHODS[property.name] : undefined;
      if (other !== undefined) replace(property, other);
    },
    IfStatement: ({ test }) => decide(test),
    ConditionalExpression: ({ test }) => decide(test),
    ForStatement({ test }) {
      if (test !== null) replace(test, 'false');
    },
    WhileStatement: ({ test }) => replace(test, 'false'),
    TSLiteralType: ({ literal }) => void inTypes.add(literal.start),
    Literal(node) {
      if (inTypes.has(node.start)) return;
      if (typeof node.value === 'boolean') replace(node, String(!node.value));
      else if (node.value === 0) replace(node, '1');
      else if (typeof node.value === 'number')
        replace(node, `(${textOf(node)} * 2)`, `(${textOf(node)} / 2)`);
    },
    Program: ({ body }) => drop(body),
    BlockStatement: ({ body }) => drop(body),
    SwitchCase: ({ consequent }) => drop(consequent),
  }).visit(program);
  return mutants;
}
