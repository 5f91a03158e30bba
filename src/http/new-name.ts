import { renameBody as isRenameBody, type SchemaFault } from '#validators';
import { isObject } from '../json/is-object.ts';
import { jsonPointer } from '../json/json-pointer.ts';
import { composedName, iterationNameFaults } from '../rename/iteration-name.ts';
import { type Fault, malformedBody, RequestError } from './request-error.ts';

/**
 * The new name in a parsed body. Throws a `RequestError` that lists every fault of the body's shape and of
 * the name.
 */
export function newNameIn(body: unknown): string {
  const sent = isObject(body) && Object.hasOwn(body, 'name') ? body['name'] : undefined;
  const name = typeof sent === 'string' ? composedName(sent) : sent;
  const shape = shapeFaults(body, name);
  const nameFaults = typeof name === 'string' ? iterationNameFaults(name) : [];
  const faults = [...shape.faults, ...nameFaults.map((message) => ({ path: '/name', message }))];
  if (faults.length === 0 && typeof name === 'string') return name;
  if (shape.isWrong) throw malformedBody('The body is not an Iteration with a new name.', faults);
  if (shape.lacksName) throw new RequestError('name_missing', 'The property name is required.', faults);
  throw new RequestError('name_not_acceptable', `The name is not acceptable: ${faults[0]?.message}.`, faults);
}

/**
 * Tells a missing or null name, for which the service has an error code of its own, from a body of another
 * shape.
 */
function shapeFaults(body: unknown, name: unknown) {
  const faults: Fault[] = [];
  let isWrong = false;
  let lacksName = false;
  if (!isRenameBody(body)) {
    for (const error of isRenameBody.errors ?? []) {
      const isName = error.instancePath === '/name' || error.params['missingProperty'] === 'name';
      const isMissing = isName && (error.keyword === 'required' || name === null);
      lacksName ||= isMissing;
      isWrong ||= !isName;
      faults.push(isMissing ? { path: '/name', message: 'is required' } : toFault(error));
    }
  }
  return { faults, isWrong, lacksName };
}

function toFault({ instancePath, keyword, params, message = 'is not valid' }: SchemaFault): Fault {
  if (keyword !== 'additionalProperties') return { path: instancePath, message };
  const property = String(params['additionalProperty']).slice(0, 100).toWellFormed();
  return { path: `${instancePath}${jsonPointer([property])}`, message: 'is not a property of an Iteration' };
}
