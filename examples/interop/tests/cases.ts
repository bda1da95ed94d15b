export * from '../../../test/interop/cases.ts';
