/**
 * nbuf_node.h through two independent addons (test/addons/probe), one process a scenario:
 * many are about how a process ends.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { compile, includeDirectory, nodeApiFlags, root, strict } from './compiler.ts';

const folder = join(root, 'test/addons/probe');
const runner = join(folder, 'run.cjs');

for (const name of ['probe', 'lender']) {
  if (!existsSync(join(folder, `build/Release/${name}.node`)))
    throw new Error(
      `expected ${name}.node; build it: npx node-gyp rebuild -C test/addons/probe`,
    );
}

const scenarios = execFileSync(process.execPath, [runner], { encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((line) => line.split(' '));

// Immutable buffers, and Float16Array on Node 22, stand behind flags.
const optional = ['--js-immutable-arraybuffer', '--js-float16array'];
const known = optional.filter(
  (flag) => spawnSync(process.execPath, [flag, '-e', '0']).status === 0,
);

describe('scenarios', () => {
  test.each(scenarios)('%s: %s', (file, name) => {
    const options = ['--expose-gc', ...known, runner, `${file}`, `${name}`];
    const { status, signal, stderr } = spawnSync(process.execPath, options, {
      encoding: 'utf8',
      timeout: 50_000,
    });
    expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  });

  test('cover every file', () => {
    const files = new Set(scenarios.map(([file]) => file));
    expect([...files]).toEqual([
      'values',
      'exporters',
      'windows',
      'hostile',
      'lies',
      'lifetime',
      'workers',
    ]);
    expect(scenarios.length).toBeGreaterThan(60);
  });
});

// Unused inline functions escape the flow analysis: here each one is called.
describe('every function, optimized and strict', () => {
  const source = `#include <nbuf/nbuf_node.h>
    int use(napi_env env, napi_value value);
    int use(napi_env env, napi_value value) {
      nbuf_request request = {(uint32_t)sizeof request, NBUF_FULL_RO, NULL};
      nbuf_error error = NBUF_ERROR_INIT;
      nbuf_exporter* exporter;
      nbuf_provider* provider;
      const nbuf_api* api;
      napi_value made;
      if (nbuf_env_init(env, value) != NBUF_OK) return 1;
      if (nbuf_get_exporter(env, value, &exporter, &error) != NBUF_OK) return 2;
      if (nbuf_publish(env, exporter, &made) != NBUF_OK) return 3;
      if (nbuf_attach(env, value, exporter) != NBUF_OK) return 4;
      if (nbuf_wrap_exporter(env, exporter, &made) != NBUF_OK) return 5;
      exporter->ops->release(exporter);
      if (nbuf_acquire_value(env, value, &request, &provider, &error) != NBUF_OK) return 6;
      provider->ops->release(provider);
      if (nbuf_get_api(env, &api, &error) != NBUF_OK) return 7;
      if (nbuf_error_value(env, error.status, &error, &made) != NBUF_OK) return 8;
      return nbuf_throw(env, NBUF_ERR_NOMEM, NULL) == NULL;
    }`;
  const owners = `#include <nbuf/nbuf_node.hpp>
    nbuf::Exporter use(napi_env env, napi_value value, nbuf_error& error);
    nbuf::Exporter use(napi_env env, napi_value value, nbuf_error& error) {
      nbuf::Provider p = nbuf::acquire_value(env, value, NBUF_FULL_RO, "use", error);
      nbuf_pointer_export from{};
      from.buf = p->buf;
      return nbuf::export_owned(std::move(p), from, &error);
    }`;
  const standards = ['c99', 'c11', 'c17', 'c++17', 'c++20'];
  const options = [...strict, `-I${includeDirectory}`, ...nodeApiFlags()];
  const variants = [[], ['-DNBUF_IMAGE_PINNED'], ['-DNAPI_VERSION=9']];
  test.each(standards)('%s', (standard) => {
    for (const more of variants) {
      const all = [...options, ...more, '-O2', '-c', '-o', '/dev/null'];
      expect(compile(standard, all, source), more.join(' ')).toBe('');
      if (standard.includes('++'))
        expect(compile(standard, all, owners), more.join(' ')).toBe('');
    }
  });
});
