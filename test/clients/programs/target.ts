/** What the test that starts a client tells it, in its environment. */
export function target() {
  const [projectId, iterationId, name] = [read('PROJECT'), read('ITERATION'), read('NAME')];
  const secret = read('SECRET');
  return {
    url: read('PROXY'),
    key: read('FUNCTION_KEY'),
    secret,
    mode: read('MODE'),
    projectId,
    iterationId,
    name,
  };
}

function read(variable: string): string {
  return process.env[variable] ?? '';
}
