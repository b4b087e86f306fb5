/** The schema of the cluster file as a function, made from `src/desired/schema.ts` by `test/unit/desired/validator.test.ts`. */
import type { ValidateFunction } from 'ajv';
import type { ClusterFile } from '../src/desired/schema.ts';

export declare const validate: ValidateFunction<ClusterFile>;
