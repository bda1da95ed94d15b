import paths = require('nbuf/include');

export const found: readonly string[] = [paths.include_dir, paths.include];
export const others: readonly string[] = [paths.gyp, paths.default.cmake_dir];
// @ts-expect-error: there is nothing else
export const nothing: string = paths.library;
