import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Bundles the program that evaluates expressions in a process of its own into one text: it comes to that
 * process by standard input, and not as a file.
 */
export async function buildEvaluator(outDir: string): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [path.join(path.dirname(import.meta.dirname), 'src/expressions/evaluator.ts')],
    write: false,
    bundle: true,
    minify: true,
    platform: 'node',
    format: 'cjs', // a program that comes by standard input is read as such
    target: 'node22',
  });
  const program = outputFiles.map(({ text }) => text).join('');
  await writeFile(`${outDir}/evaluator.js`, `export default ${JSON.stringify(program)};\n`);
  await writeFile(`${outDir}/evaluator.d.ts`, 'declare const program: string;\nexport default program;\n');
}
