import path from 'node:path';
import { writeDeploymentPackage } from './deployment-package.ts';

const root = path.dirname(import.meta.dirname);
await writeDeploymentPackage(root, path.join(root, 'dist'));
