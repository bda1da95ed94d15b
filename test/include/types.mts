import paths, { cmake_dir, gyp, include, include_dir } from 'nbuf/include';

export const found: readonly string[] = [include_dir, include, gyp, cmake_dir];
export const same: readonly string[] = [paths.include_dir, paths.include, paths.gyp];
// @ts-expect-error: strings, for good
paths.cmake_dir = '';
