import type { Permission } from './authenticate.ts';

/** One grant of the setting `ACCESS_POLICY`. `*` stands for all. */
export interface Grant {
  readonly caller: string;
  readonly projects: readonly string[];
  readonly resources: readonly string[];
  /** A regular expression (RE2) that must match the whole name. Limits renames only. */
  readonly names?: string;
  readonly may: readonly Permission[];
}

/** Makes a check of whole names. Throws an `Error` where the pattern is not valid. */
export type CompileNames = (pattern: string) => (name: string) => boolean;

/** For grants without a pattern. */
export const matchNothing: CompileNames = () => () => false;

/** Denies what no grant allows. */
export interface AccessPolicy {
  /** Whether any grant gives the caller one of these permissions, for anything. */
  allowsAnything(callerIds: readonly string[], permissions: ReadonlySet<Permission>): boolean;
  allowsRename(
    callerIds: readonly string[],
    rename: { readonly projectId: string; readonly resource: string; readonly name: string },
  ): boolean;
  /** The resources on which a caller has the permission in a project, for any name or for some. */
  resourcesFor(
    callerIds: readonly string[],
    permission: Permission,
    projectId: string,
  ): 'all' | readonly string[];
  /** Whether one of these permissions extends to a project; without a project, to any on the resource. */
  allowsLookUp(
    callerIds: readonly string[],
    permissions: ReadonlySet<Permission>,
    lookUp: { readonly projectId: string | null; readonly resource: string },
  ): boolean;
}

/** Throws an `Error` that says which part of a grant is invalid. */
export function createAccessPolicy(grants: readonly Grant[], compileNames: CompileNames): AccessPolicy {
  const rules = grants.map((grant) => toRule(grant, compileNames));
  const rulesOf = (callerIds: readonly string[], permissions: ReadonlySet<Permission>) =>
    rules.filter(
      ({ caller, may }) =>
        [...may].some((permission) => permissions.has(permission)) &&
        (caller === '*' || callerIds.some((id) => id.toLowerCase() === caller)),
    );
  const rulesFor = (callerIds: readonly string[], permission: Permission, projectId: string) =>
    rulesOf(callerIds, new Set([permission])).filter(({ projects }) => includes(projects, projectId));

  return {
    allowsAnything: (callerIds, permissions) => rulesOf(callerIds, permissions).length > 0,
    allowsRename: (callerIds, { projectId, resource, name }) =>
      rulesFor(callerIds, 'rename', projectId).some(
        ({ resources, names }) => includes(resources, resource) && (names === null || names(name)),
      ),
    resourcesFor(callerIds, permission, projectId) {
      const granted = new Set(
        rulesFor(callerIds, permission, projectId).flatMap(({ resources }) => [...resources]),
      );
      return granted.has('*') ? 'all' : [...granted];
    },
    allowsLookUp: (callerIds, permissions, { projectId, resource }) =>
      rulesOf(callerIds, permissions).some(
        ({ projects, resources }) =>
          includes(resources, resource) && (projectId === null || includes(projects, projectId)),
      ),
  };
}

interface Rule {
  readonly caller: string;
  readonly projects: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  readonly names: ((name: string) => boolean) | null;
  readonly may: ReadonlySet<Permission>;
}

function toRule({ caller, projects, resources, names, may }: Grant, compileNames: CompileNames): Rule {
  return {
    caller: caller.toLowerCase(),
    projects: new Set(projects.map((project) => project.toLowerCase())),
    resources: new Set(resources.map((resource) => resource.toLowerCase())),
    names: names === undefined ? null : compileNames(names),
    may: new Set(may),
  };
}

function includes(set: ReadonlySet<string>, value: string): boolean {
  return set.has('*') || set.has(value);
}
