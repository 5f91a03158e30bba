// Preloaded into every child process of the stack. The parent holds the other end of stdin: when it closes,
// the parent is gone, even by SIGKILL, and nothing that it started may outlive it.
process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL'));
process.stdin.resume();
// Alone it must not keep the child alive.
if ('unref' in process.stdin && typeof process.stdin.unref === 'function') process.stdin.unref();
