/** `nbuf check` finds every lie of test/addons/hostile, and names the promise it breaks. */

import { describe, expect, test } from 'vitest';
import { idsOf } from '../dist/esm/cli/check.js';
import { brokenOf, checkApart, checkHere, kit } from './check_tools.ts';
import { addonFile, loadHostile } from './foreign_addon.ts';

/** What is said: a lie and its promise, or '' for what only looks like one. */
const LIES: Readonly<Record<string, string>> = {
  none: '',
  len_short: 'fields.len',
  len_long: 'fields.len',
  len_negative: 'fields.len',
  len_huge: 'fields.len',
  shape_negative: 'fields.shape',
  shape_zero: 'fields.len',
  shape_overflow: 'fields.len',
  shape_wraps: 'fields.len',
  shape_null: 'fields.shape',
  shape_null_with_format: 'fields.shape',
  itemsize_zero: 'fields.len',
  itemsize_negative: 'fields.len',
  itemsize_huge: 'fields.len',
  ndim_65: 'fields.shape',
  ndim_negative: 'fields.shape',
  ndim_huge: 'fields.shape',
  strides_huge: 'blocks.inside',
  strides_lowest: 'blocks.inside',
  strides_sum_overflows: 'blocks.inside',
  strides_above: 'blocks.inside',
  strides_below: 'blocks.inside',
  strides_unused: '',
  format_null: 'fields.format',
  format_empty: '',
  format_too_large: 'fields.format',
  format_no_utf8: 'fields.format',
  format_record: '',
  format_padded: '',
  format_long: 'fields.format',
  format_count: 'fields.format',
  buf_null: 'fields.buf',
  buf_before: 'blocks.inside',
  buf_behind: 'blocks.inside',
  buf_highest: 'blocks.inside',
  buf_odd: '',
  blocks_null: 'blocks.extents',
  blocks_none: 'fields.buf',
  blocks_negative: 'blocks.extents',
  block_size_negative: 'blocks.extents',
  block_size_short: 'blocks.inside',
  block_base_null: 'blocks.extents',
  block_flags: 'blocks.extents',
  block_table: 'blocks.inside',
  block_split: 'blocks.inside',
  flags_unknown: 'fields.flags',
  flags_readonly: 'words.granted',
  flags_borrowed: '',
  rows: '',
  rows_outside: 'blocks.inside',
  rows_null: 'blocks.inside',
  rows_without_table: 'blocks.inside',
  rows_table_short: 'blocks.inside',
  rows_table_overlaps: 'blocks.tables',
  suboffsets_negative: 'fields.suboffsets',
  suboffsets_alone: 'fields.strides',
  levels: '',
  levels_one: 'fields.levels',
  levels_negative: 'fields.levels',
  levels_65: 'fields.levels',
  levels_null: 'fields.levels',
  levels_outside: 'fields.levels',
  levels_and_suboffsets: 'fields.suboffsets',
  ops_null: 'ops.provider',
  ops_short: 'ops.provider',
  ops_without_unlock: 'ops.provider',
  release_null: 'ops.provider',
  retain_null: 'ops.provider',
  unlock_null: 'ops.provider',
  struct_zero: 'ops.provider',
  struct_without_ops: 'ops.provider',
  struct_without_blocks: 'fields.size',
  struct_without_levels: '',
  struct_longer: '',
  ok_with_null: 'acquire.grants',
  error_with_provider: 'acquire.refusal',
  status_unknown: 'acquire.refusal',
  status_negative: 'acquire.refusal',
  status_lowest: 'acquire.refusal',
};

/** What is done, that no process has to fear. */
const TRICKS: Readonly<Record<string, string>> = {
  no_trick: '',
  writes_long_errors: 'acquire.error',
  writes_errors_on_success: 'acquire.error',
  says_no_word: 'acquire.refusal',
  leaves_out_set: 'words.out',
  ignores_request_size: 'acquire.request',
  grants_all: 'words.granted',
  grants_unknown: 'words.unknown',
  grants_0x2: 'words.unknown',
  refuses_simple: 'words.granted',
  refuses_snapshots: 'words.snapshot',
  refuses_levels: 'words.levels',
  refuses_pinned: 'words.pinned',
  lends_pinned: 'words.pinned',
  takes_lone_bits: 'words.members',
  wrong_status: 'words.status',
  volunteers_strides: 'words.members',
  volunteers_format: 'words.members',
  readonly_unless_asked: 'words.same',
  itemsize_of_bytes: 'words.same',
  ids_shared: 'blocks.ids',
  ids_change: 'blocks.ids',
  provider_ops_change: 'ops.provider',
  exporter_ops_change: 'ops.constant',
  external_without_retain: 'protocol.repeated',
  external_without_tag: 'protocol.external',
  method_gives_number: 'protocol.external',
  method_throws: 'protocol.method',
};

/** What ends a process, takes threads or time, or shows only there; and what is told of it. */
const CRIMES: Readonly<Record<string, readonly [id: string, note: RegExp]>> = {
  block_size_overflows: ['blocks.readable', /ended by/],
  acquire_hangs: ['acquire.grants', /no answer within 2 s/],
  acquire_crashes: ['acquire.grants', /ended by/],
  acquire_aborts: ['acquire.grants', /ended by/],
  needs_an_error: ['acquire.error', /ended by/],
  reads_beyond_requests: ['acquire.request', /ended by/],
  keeps_labels: ['acquire.label', /ended by/],
  block_too_long: ['blocks.readable', /ended by/],
  not_writable: ['blocks.writable', /ended by/],
  memory_moves: ['held.own', /of one buf/],
  memory_changes: ['held.constant', /byte 1 changed/],
  shape_changes: ['held.constant', /shape to stay/],
  unlock_changes: ['held.unlock', /shape to stay/],
  shares_a_provider: ['held.own', /one for two/],
  ignores_retain: ['held.retain', /buf to stay/],
  unlock_ends: ['held.unlock', /buf to stay/],
  runs_javascript: ['threads.alone', /ended by|refusals/],
  races_in_retain: ['threads.retain', /buf to stay/],
  races_in_exporter: ['threads.exporter', /acquire = NULL/],
  races_in_acquire: ['threads.many', /byte 0 changed/],
  frees_with_exporter: ['life.dropped', /byte 0 changed/],
  frees_with_environment: ['life.worker', /byte 0 changed/],
  never_frees: ['life.freed', /process \d+ bytes larger/],
  ends_late: ['life.growth', /bytes in each of 5 runs/],
  aborts_at_exit: ['life.exit', /ended by/],
  refusals_leak: ['life.growth', /some refusals, found/],
  refusals_release: ['acquire.refusal', /after 20 refusals, found it gone/],
  shares_blocks: ['held.constant', /another exporter was acquired from: .* blocks/],
  never_gives_back: ['ops.provider', /released, found LOCKED/],
};

/** Odd, but no lies: whoever lends to one or a few at once, and takes time. */
const HONEST: readonly string[] = ['lends_one', 'lends_few', 'takes_long'];

test('the tables know all that the addon can do', () => {
  const known = [LIES, TRICKS, CRIMES].flatMap((table) => Object.keys(table));
  expect([...known, ...HONEST].sort()).toEqual(Object.keys(kit).sort());
  expect(
    loadHostile()
      .lies()
      .filter((name) => !(name in kit)),
  ).toEqual([]);
});

describe('what is said or done', () => {
  test.each(Object.entries({ ...LIES, ...TRICKS }))('%s: %s', async (name, id) => {
    const outcomes = await checkHere(kit[name] as () => object);
    if (id === '') {
      expect(outcomes).not.toContainEqual(expect.objectContaining({ status: 'broken' }));
      expect(brokenOf(outcomes)).toEqual([]);
      return;
    }
    expect(brokenOf(outcomes)).toContain(id);
    expect(outcomes[id]?.notes.join('\n')).toMatch(/expected .* found /s);
  });
});

/** Races need two threads to meet: on a busy machine they may take more than one run. */
const RUNS = 4;

describe('what needs a process of its own', () => {
  test.each(Object.entries(CRIMES))('%s', async (name, [id, note]) => {
    let notes = '';
    for (let k = 0; k < RUNS && notes === ''; k++) {
      const rows = await checkApart(`${addonFile}:kit.${name}`, idsOf(id), 2);
      const row = rows.find((each) => each.id === id);
      if (row?.status === 'broken') notes = row.notes.join('\n');
      if (!name.startsWith('races')) break;
    }
    expect(notes).toMatch(note);
  });
});

test.each(HONEST)('nothing to blame: %s', async (name) => {
  const rows = await checkApart(`${addonFile}:kit.${name}`);
  expect(rows.filter(({ status }) => status === 'broken')).toEqual([]);
});
