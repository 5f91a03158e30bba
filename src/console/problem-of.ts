import { type AnswerFields, type ApiAnswer, fieldsOf } from './api-answer.ts';
import { explainProblem, type Problem, type Task } from './explain-problem.ts';
import { xmlElement } from './xml-element.ts';

export function readFields(answer: ApiAnswer): AnswerFields {
  return fieldsOf(answer, xmlElement);
}

export function problemOf(error: unknown, task: Task): Problem {
  return explainProblem(error, { task, isOnline: navigator.onLine, fields: readFields });
}
