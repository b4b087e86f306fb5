/**
 * The schema of the cluster file as a function, made from `src/cluster-file/schema.ts` by
 * `test/unit/cluster-file/validator.test.ts`.
 */
import type { ValidateFunction } from 'ajv';
import type { ClusterFile } from './schema.ts';

export declare const validate: ValidateFunction<ClusterFile>;
