import { startConsole } from './start-console.ts';

startConsole(null);
