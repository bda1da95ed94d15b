/** nbuf's headers as a later version may have them: every struct that can grow has grown. */

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { includeDirectory } from '../compiler.ts';

/** What is appended, by the text that ends the struct. */
const appended: readonly (readonly [file: string, end: string, members: string])[] = [
  ['nbuf.h', '} nbuf_error;', 'int64_t later_detail;'],
  ['nbuf.h', '} nbuf_request;', 'uint64_t later_purpose; const char* later_tag;'],
  ['nbuf.h', '} nbuf_provider_ops;', 'int64_t (*later_refresh)(nbuf_provider*);'],
  ['nbuf.h', '} nbuf_exporter_ops;', 'int64_t (*later_count)(nbuf_exporter*);'],
  ['detail/pointer_layout.h', '} nbuf_pointer_export;', 'int64_t later_alignment;'],
  ['detail/api.h', '} nbuf_api;', 'nbuf_status (*later_function)(const nbuf_provider*);'],
  ['detail/api.h', '} nbuf_copy_options;', 'int64_t later_threads;'],
  ['detail/api.h', '} nbuf_equal_options;', 'int64_t later_threads;'],
  [
    'nbuf.h',
    '  const int64_t* post_offsets;\n};',
    'int32_t later_device, later_reserved; int64_t later_epoch;',
  ],
];

function replace(file: string, from: string, to: string): void {
  const text = readFileSync(file, 'utf8');
  if (text.split(from).length !== 2) throw new Error(`expected one '${from}' in ${file}`);
  writeFileSync(file, text.replace(from, to));
}

/** Writes them to `folder`/nbuf. A request flag has come, too: 0x80000. */
export function writeLaterHeaders(folder: string): void {
  cpSync(includeDirectory, folder, { recursive: true });
  for (const [file, end, members] of appended) {
    const last = end.lastIndexOf('}');
    const grown = `${end.slice(0, last)} ${members} ${end.slice(last)}`;
    replace(join(folder, 'nbuf', file), end, grown);
  }
  replace(join(folder, 'nbuf/nbuf.h'), '(0x1fdu |', '(0x801fdu |');
}
